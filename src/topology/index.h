/* SPDX-License-Identifier: MIT
 *
 * Numbers by name, for at most so many names: whoever sends more gets no
 * further ones in, and nothing grows. Names may hold any bytes.
 */
#ifndef VR_TOPOLOGY_INDEX_H
#define VR_TOPOLOGY_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct vr_index_slot {
  char *key; /* NULL: free */
  size_t length;
  uint64_t hash;
  uint32_t value;
};

struct vr_index {
  size_t max, n, capacity; /* capacity: a power of two, or 0 */
  uint64_t seed;
  struct vr_index_slot *slots;
};

void vr_index_init(struct vr_index *x, size_t max);
void vr_index_clear(struct vr_index *x);

/* The number of KEY, or -ENOENT. */
long vr_index_find(const struct vr_index *x, const void *key, size_t length);
/* Sets the number of KEY, which is copied. Returns 0, -ENOSPC when MAX others
 * are there, or -ENOMEM. */
int vr_index_set(struct vr_index *x, const void *key, size_t length,
                 uint32_t value);
void vr_index_remove(struct vr_index *x, const void *key, size_t length);

#endif
