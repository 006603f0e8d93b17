/* SPDX-License-Identifier: MIT
 *
 * Samples as named series, in the stock types of collectd's types.db. The
 * plugin sends them to the daemon, other programs print them.
 */
#ifndef VR_HOST_SERIES_H
#define VR_HOST_SERIES_H

#include "host/sample.h"

union vr_value {
  uint64_t count; /* of a counter: collectd's DERIVE */
  double level;   /* GAUGE */
};

struct vr_series {
  const char *type, *instance; /* instance may be "" */
  bool counter;                /* which member of the values is meant */
  size_t n;
  const union vr_value *values; /* valid during the call only */
};
typedef void (*vr_series_fn)(void *ctx, const struct vr_series *s);

/* Calls FN for every series whose value is known. */
void vr_host_series(const struct vr_host_sample *s, vr_series_fn fn, void *ctx);
void vr_guest_series(const struct vr_guest_sample *s, vr_series_fn fn,
                     void *ctx);

#endif
