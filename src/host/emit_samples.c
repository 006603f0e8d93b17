/* SPDX-License-Identifier: MIT */
#include "host/emit_samples.h"

#include "schema/host_signals.h"

/* The series ID, where it is KNOWN; VALUES has one for each data source. */
static void counts(const struct vr_emitter *o, enum vr_signal_id id, bool known,
                   const uint64_t *values) {
  const struct vr_signal_info *s = vr_schema_signal(id);
  const struct vr_type_info *type = vr_schema_type(s->type);
  union vr_number numbers[VR_TYPE_MAX_SOURCES];
  if (!known)
    return;
  for (size_t i = 0; i < type->n_sources; i++)
    numbers[i].derive = (int64_t)values[i];
  vr_emit(o, s->type, s->type_instance, numbers);
}

static void levels(const struct vr_emitter *o, enum vr_signal_id id, bool known,
                   const double *values) {
  const struct vr_signal_info *s = vr_schema_signal(id);
  const struct vr_type_info *type = vr_schema_type(s->type);
  union vr_number numbers[VR_TYPE_MAX_SOURCES];
  if (!known)
    return;
  for (size_t i = 0; i < type->n_sources; i++)
    numbers[i].gauge = values[i];
  vr_emit(o, s->type, s->type_instance, numbers);
}

/* A row of the table as a call of one of these. */
#define COUNTS(known, ...) counts, known, uint64_t, __VA_ARGS__
#define LEVELS(known, ...) levels, known, double, __VA_ARGS__
#define EMIT_ROW(id, group, ...) EMIT(id, group, __VA_ARGS__)
#define EMIT(id, group, emit, known, kind, ...)                                \
  if (vr_schema_signal_emitted(id, extra))                                     \
    emit((group) == VR_BALLOON ? &balloon : &o, id, known,                     \
         (const kind[]){__VA_ARGS__});
#define NOTHING(...)

void vr_emit_host(const struct vr_host_sample *s, unsigned extra, vr_emit_fn fn,
                  void *ctx) {
  const struct vr_emitter o = {fn, ctx, 0}, balloon = o;
#define SIGNAL NOTHING
#define HOST_SIGNAL(id, group, type, instance, unit, per, readers, from, ...)  \
  EMIT_ROW(id, group, from)
#include "schema/host_signals.inc"
#undef SIGNAL
#undef HOST_SIGNAL
}

void vr_emit_faults(const struct vr_vmproc_sample *s, vr_emit_fn fn,
                    void *ctx) {
  const struct vr_emitter o = {fn, ctx, s->faults_at}, balloon = o;
  const unsigned extra = 0;
#define SIGNAL(id, group, type, instance, unit, per, readers, from, ...)       \
  if ((id) == VR_SIGNAL_BALLOON_FAULTS)                                        \
  EMIT_ROW(id, group, from)
#define HOST_SIGNAL NOTHING
#include "schema/host_signals.inc"
#undef SIGNAL
#undef HOST_SIGNAL
}

void vr_emit_vmproc(const struct vr_vmproc_sample *s, unsigned extra,
                    vr_emit_fn fn, void *ctx) {
  const struct vr_emitter o = {fn, ctx, 0}, balloon = {fn, ctx, s->balloon_at};
#define SIGNAL(id, group, type, instance, unit, per, readers, from, ...)       \
  EMIT_ROW(id, group, from)
#define HOST_SIGNAL NOTHING
#include "schema/host_signals.inc"
#undef SIGNAL
#undef HOST_SIGNAL
}
