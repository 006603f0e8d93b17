/* SPDX-License-Identifier: MIT
 *
 * Series as their types' values: what a plugin sends, a program prints, or a
 * test feeds to the reconstructor.
 */
#ifndef VR_HOST_EMIT_H
#define VR_HOST_EMIT_H

#include "schema/types.h"

#include <stddef.h>
#include <stdint.h>

/* One series: its type, its type instance ("" for none), and the values of all
 * data sources of its type, in their order. */
struct vr_emitted {
  const char *type, *instance;
  size_t n;
  const struct vr_value *values; /* valid during the call only */
  double at; /* their instant, seconds since 1970; 0: that of the reading */
};
typedef void (*vr_emit_fn)(void *ctx, const struct vr_emitted *s);

struct vr_emitter {
  vr_emit_fn fn;
  void *ctx;
  double at; /* of all that it emits, seconds since 1970; 0: of the reading */
};

/* NUMBERS has one number for each data source of TYPE. */
void vr_emit(const struct vr_emitter *e, enum vr_type type,
             const char *instance, const union vr_number *numbers);

/* The same for types with one or two accumulators, or one level. */
void vr_emit_accumulator(const struct vr_emitter *e, enum vr_type type,
                         const char *instance, uint64_t value);
void vr_emit_pair(const struct vr_emitter *e, enum vr_type type,
                  const char *instance, uint64_t first, uint64_t second);
void vr_emit_level(const struct vr_emitter *e, enum vr_type type,
                   const char *instance, double value);

#endif
