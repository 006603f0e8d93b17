/* SPDX-License-Identifier: MIT */
#include "host/emit.h"

void vr_emit(const struct vr_emitter *e, enum vr_type type,
             const char *instance, const union vr_number *numbers) {
  const struct vr_type_info *info = vr_schema_type(type);
  struct vr_value values[VR_TYPE_MAX_SOURCES];
  for (size_t i = 0; i < info->n_sources; i++)
    values[i] = (struct vr_value){info->sources[i], info->kind, numbers[i]};
  e->fn(e->ctx, &(struct vr_emitted){info->name, instance, info->n_sources,
                                     values, e->at});
}

void vr_emit_accumulator(const struct vr_emitter *e, enum vr_type type,
                         const char *instance, uint64_t value) {
  vr_emit(e, type, instance, &(union vr_number){.derive = (int64_t)value});
}

void vr_emit_pair(const struct vr_emitter *e, enum vr_type type,
                  const char *instance, uint64_t first, uint64_t second) {
  const union vr_number numbers[2] = {{.derive = (int64_t)first},
                                      {.derive = (int64_t)second}};
  vr_emit(e, type, instance, numbers);
}

void vr_emit_level(const struct vr_emitter *e, enum vr_type type,
                   const char *instance, double value) {
  vr_emit(e, type, instance, &(union vr_number){.gauge = value});
}
