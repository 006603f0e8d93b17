/* SPDX-License-Identifier: MIT
 *
 * Samples as named series, in the stock types of collectd's types.db. The
 * plugin sends them to the daemon, other programs print them.
 */
#ifndef VR_HOST_EMIT_SAMPLES_H
#define VR_HOST_EMIT_SAMPLES_H

#include "host/sample.h"

union vr_emitted_value {
  uint64_t count; /* of a counter: collectd's DERIVE */
  double level;   /* GAUGE */
};

struct vr_emitted {
  const char *type, *instance; /* instance may be "" */
  bool counter;                /* which member of the values is meant */
  size_t n;
  const union vr_emitted_value *values; /* valid during the call only */
};
typedef void (*vr_emit_fn)(void *ctx, const struct vr_emitted *s);

/* Calls FN for every series whose value is known. */
void vr_emit_host(const struct vr_host_sample *s, vr_emit_fn fn, void *ctx);
void vr_emit_vmproc(const struct vr_vmproc_sample *s, vr_emit_fn fn, void *ctx);

#endif
