/* SPDX-License-Identifier: MIT */
#include "host/proc/accumulator.h"

#include "basic/array.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
uint64_t vr_accumulator_key(const char *name) {
  uint64_t key = UINT64_C(0xcbf29ce484222325);
  for (; *name != '\0'; name++)
    key = (key ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  return key;
}

void vr_accumulator_begin(struct vr_accumulator *s) {
  for (size_t i = 0; i < s->count; i++)
    s->v[i].seen = false;
}

struct vr_accumulator_part *vr_accumulator_find(struct vr_accumulator *s,
                                                uint64_t key) {
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].key == key)
      return &s->v[i];
  return NULL;
}

static struct vr_accumulator_part *append(struct vr_accumulator *s,
                                          uint64_t key) {
  if (vr_array_reserve(&s->v, &s->capacity, s->count + 1) < 0)
    return NULL;
  s->v[s->count] = (struct vr_accumulator_part){.key = key};
  return &s->v[s->count++];
}

struct vr_accumulator_part *
vr_accumulator_add(struct vr_accumulator *s, uint64_t key,
                   const uint64_t now[VR_ACCUMULATOR_COUNTERS],
                   bool from_zero) {
  struct vr_accumulator_part *part = vr_accumulator_find(s, key);
  bool counts = part || !s->begun || from_zero;
  if (!part)
    part = append(s, key);
  if (!part)
    return NULL;
  part->seen = true;
  for (int i = 0; i < VR_ACCUMULATOR_COUNTERS; i++) {
    uint64_t went = now[i] - part->last[i];
    /* From zero a counter may have come any way. */
    bool forward = went <= INT64_MAX || part->last[i] == 0;
    if (counts && forward)
      s->sum[i] += went;
    part->last[i] = now[i];
  }
  return part;
}

void vr_accumulator_keep(struct vr_accumulator *s, uint64_t key) {
  struct vr_accumulator_part *part = vr_accumulator_find(s, key);
  if (part)
    part->seen = true;
}

void vr_accumulator_end(struct vr_accumulator *s) {
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].seen)
      s->v[kept++] = s->v[i];
  s->count = kept;
  s->begun |= kept > 0;
}

void vr_accumulator_free(struct vr_accumulator *s) {
  free(s->v);
  *s = (struct vr_accumulator){0};
}
