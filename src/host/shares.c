/* SPDX-License-Identifier: MIT */
#include "host/shares.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a */
uint64_t vr_share_key(const char *name) {
  uint64_t key = UINT64_C(0xcbf29ce484222325);
  for (; *name != '\0'; name++)
    key = (key ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  return key;
}

void vr_shares_begin(struct vr_shares *s) {
  for (size_t i = 0; i < s->count; i++)
    s->v[i].seen = false;
}

struct vr_share *vr_shares_find(struct vr_shares *s, uint64_t key) {
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].key == key)
      return &s->v[i];
  return NULL;
}

static struct vr_share *append(struct vr_shares *s, uint64_t key) {
  if (s->count == s->capacity) {
    size_t capacity = s->capacity ? 2 * s->capacity : 4;
    struct vr_share *v = realloc(s->v, capacity * sizeof(*v));
    if (!v)
      return NULL;
    s->v = v;
    s->capacity = capacity;
  }
  s->v[s->count] = (struct vr_share){.key = key};
  return &s->v[s->count++];
}

struct vr_share *vr_shares_add(struct vr_shares *s, uint64_t key,
                               const uint64_t now[VR_SHARE_COUNTERS],
                               bool from_zero) {
  struct vr_share *share = vr_shares_find(s, key);
  bool counts = share || !s->begun || from_zero;
  if (!share)
    share = append(s, key);
  if (!share)
    return NULL;
  share->seen = true;
  for (int i = 0; i < VR_SHARE_COUNTERS; i++) {
    uint64_t went = now[i] - share->last[i];
    /* From zero a counter may have come any way. */
    bool forward = went <= INT64_MAX || share->last[i] == 0;
    if (counts && forward)
      s->sum[i] += went;
    share->last[i] = now[i];
  }
  return share;
}

void vr_shares_keep(struct vr_shares *s, uint64_t key) {
  struct vr_share *share = vr_shares_find(s, key);
  if (share)
    share->seen = true;
}

void vr_shares_end(struct vr_shares *s) {
  size_t kept = 0;
  for (size_t i = 0; i < s->count; i++)
    if (s->v[i].seen)
      s->v[kept++] = s->v[i];
  s->count = kept;
  s->begun |= kept > 0;
}

void vr_shares_free(struct vr_shares *s) {
  free(s->v);
  *s = (struct vr_shares){0};
}
