/* SPDX-License-Identifier: MIT
 *
 * One value, or two that belong together, as a series.
 */
#ifndef VR_HOST_EMIT_H
#define VR_HOST_EMIT_H

#include "host/emit_samples.h"

struct vr_emitter {
  vr_emit_fn fn;
  void *ctx;
};

void vr_emit_counter(const struct vr_emitter *e, const char *type,
                     const char *instance, uint64_t value);
void vr_emit_pair(const struct vr_emitter *e, const char *type,
                  const char *instance, uint64_t first, uint64_t second);
void vr_emit_level(const struct vr_emitter *e, const char *type,
                   const char *instance, double value);
/* The three averages of collectd's type load. */
void vr_emit_load(const struct vr_emitter *e, double shortterm, double midterm,
                  double longterm);

#endif
