/* SPDX-License-Identifier: MIT */
#include "host/emit.h"

void vr_emit_counter(const struct vr_emitter *e, const char *type,
                     const char *instance, uint64_t value) {
  const union vr_emitted_value v = {.count = value};
  e->fn(e->ctx, &(struct vr_emitted){type, instance, true, 1, &v});
}

void vr_emit_pair(const struct vr_emitter *e, const char *type,
                  const char *instance, uint64_t first, uint64_t second) {
  const union vr_emitted_value v[2] = {{.count = first}, {.count = second}};
  e->fn(e->ctx, &(struct vr_emitted){type, instance, true, 2, v});
}

void vr_emit_level(const struct vr_emitter *e, const char *type,
                   const char *instance, double value) {
  const union vr_emitted_value v = {.level = value};
  e->fn(e->ctx, &(struct vr_emitted){type, instance, false, 1, &v});
}

void vr_emit_load(const struct vr_emitter *e, double shortterm, double midterm,
                  double longterm) {
  const union vr_emitted_value v[3] = {
      {.level = shortterm}, {.level = midterm}, {.level = longterm}};
  e->fn(e->ctx, &(struct vr_emitted){"load", "", false, 3, v});
}
