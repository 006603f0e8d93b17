/* SPDX-License-Identifier: MIT */
#include "topology/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void vr_index_init(struct vr_index *x, size_t max) {
  *x = (struct vr_index){.max = max};
  /* Names come from outside: nobody may choose those that collide. */
  if (getrandom(&x->seed, sizeof(x->seed), GRND_NONBLOCK) < 0)
    x->seed = (uint64_t)(uintptr_t)x;
}

void vr_index_clear(struct vr_index *x) {
  for (size_t i = 0; i < x->capacity; i++)
    free(x->slots[i].key);
  free(x->slots);
  *x = (struct vr_index){0};
}

/* FNV-1a from a random start, and the finish of MurmurHash3. */
static uint64_t hash_of(const struct vr_index *x, const void *key,
                        size_t length) {
  const unsigned char *k = key;
  uint64_t h = x->seed ^ UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++)
    h = (h ^ k[i]) * UINT64_C(0x100000001b3);
  h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
  h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
  return h ^ h >> 33;
}

/* Where KEY is, or where it would be. There must be a free slot. */
static size_t slot_of(const struct vr_index *x, const void *key, size_t length,
                      uint64_t hash) {
  size_t i = hash & (x->capacity - 1);
  for (; x->slots[i].key; i = (i + 1) & (x->capacity - 1))
    if (x->slots[i].hash == hash && x->slots[i].length == length &&
        memcmp(x->slots[i].key, key, length) == 0)
      break;
  return i;
}

static int reserve(struct vr_index *x) {
  if (2 * (x->n + 1) <= x->capacity)
    return 0;
  struct vr_index old = *x;
  size_t capacity = x->capacity ? 2 * x->capacity : 16;
  struct vr_index_slot *slots = calloc(capacity, sizeof(*slots));
  if (!slots)
    return -ENOMEM;
  x->slots = slots;
  x->capacity = capacity;
  for (size_t i = 0; i < old.capacity; i++) {
    const struct vr_index_slot *s = &old.slots[i];
    if (s->key)
      slots[slot_of(x, s->key, s->length, s->hash)] = *s;
  }
  free(old.slots);
  return 0;
}

long vr_index_find(const struct vr_index *x, const void *key, size_t length) {
  if (x->n == 0)
    return -ENOENT;
  size_t i = slot_of(x, key, length, hash_of(x, key, length));
  return x->slots[i].key ? (long)x->slots[i].value : -ENOENT;
}

int vr_index_set(struct vr_index *x, const void *key, size_t length,
                 uint32_t value) {
  uint64_t hash = hash_of(x, key, length);
  if (reserve(x) < 0)
    return -ENOMEM;
  struct vr_index_slot *s = &x->slots[slot_of(x, key, length, hash)];
  if (!s->key) {
    if (x->n >= x->max)
      return -ENOSPC;
    s->key = malloc(length + 1);
    if (!s->key)
      return -ENOMEM;
    memcpy(s->key, key, length);
    s->length = length;
    s->hash = hash;
    x->n++;
  }
  s->value = value;
  return 0;
}

/* What stands behind a gap, and would be looked for before it, moves up. */
void vr_index_remove(struct vr_index *x, const void *key, size_t length) {
  if (x->n == 0)
    return;
  size_t mask = x->capacity - 1;
  size_t gap = slot_of(x, key, length, hash_of(x, key, length));
  if (!x->slots[gap].key)
    return;
  free(x->slots[gap].key);
  x->n--;
  for (size_t i = (gap + 1) & mask; x->slots[i].key; i = (i + 1) & mask) {
    size_t wanted = x->slots[i].hash & mask;
    if (((i - wanted) & mask) < ((i - gap) & mask))
      continue;
    x->slots[gap] = x->slots[i];
    gap = i;
  }
  x->slots[gap] = (struct vr_index_slot){0};
}
