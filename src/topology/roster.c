/* SPDX-License-Identifier: MIT */
#include "topology/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vr_roster_init(struct vr_roster *r, size_t max, size_t size) {
  *r = (struct vr_roster){.size = size};
  vr_index_init(&r->index, max);
}

void vr_roster_clear(struct vr_roster *r) {
  vr_index_clear(&r->index);
  free(r->entries);
  *r = (struct vr_roster){0};
}

/* One after the other, each with its NUL. */
size_t vr_roster_key(char *ret_key, const char *a, const char *b,
                     const char *c) {
  const char *const parts[] = {a, b, c};
  size_t length = 0;
  for (int i = 0; i < 3 && parts[i]; i++) {
    size_t n = strnlen(parts[i], VR_FIELD_SIZE - 1);
    memcpy(ret_key + length, parts[i], n);
    length += n;
    ret_key[length++] = '\0';
  }
  return length;
}

void *vr_roster_at(const struct vr_roster *r, size_t i) {
  return r->entries + i * r->size;
}

void *vr_roster_find(const struct vr_roster *r, const char *key,
                     size_t length) {
  long i = vr_index_find(&r->index, key, length);
  return i < 0 ? NULL : vr_roster_at(r, (size_t)i);
}

/* The array grows when its length is a power of two. */
void *vr_roster_add(struct vr_roster *r, const char *key, size_t length,
                    int *ret_error) {
  if ((r->n & (r->n - 1)) == 0) {
    char *more = reallocarray(r->entries, r->n ? 2 * r->n : 1, r->size);
    if (!more) {
      *ret_error = -ENOMEM;
      return NULL;
    }
    r->entries = more;
  }
  int e = vr_index_set(&r->index, key, length, (uint32_t)r->n);
  if (e < 0) {
    *ret_error = e;
    return NULL;
  }
  return memset(vr_roster_at(r, r->n++), 0, r->size);
}

void vr_roster_remove(struct vr_roster *r, size_t i, vr_roster_key_fn key_of) {
  char key[VR_ROSTER_KEY];
  size_t length = key_of(vr_roster_at(r, i), key);
  vr_index_remove(&r->index, key, length);
  if (i == --r->n)
    return;
  memcpy(vr_roster_at(r, i), vr_roster_at(r, r->n), r->size);
  length = key_of(vr_roster_at(r, i), key);
  vr_index_set(&r->index, key, length, (uint32_t)i);
}
