/* SPDX-License-Identifier: MIT */
#include "introspect/batch.h"

#include "basic/array.h"
#include "basic/sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A range costs about 0.3 us; so much takes copying some hundred bytes. */
#define MERGE_GAP 192u

void vr_batch_free(struct vr_batch *b) {
  free(b->ranges);
  free(b->local);
  free(b->remote);
  free(b->buffer);
  *b = (struct vr_batch){0};
}

int vr_batch_add(struct vr_batch *b, const struct vr_gmem *m, uint64_t offset,
                 uint32_t length) {
  uint64_t address;
  if (vr_gmem_address(m, offset, length, &address) < 0)
    return -1;
  if (vr_array_reserve(&b->ranges, &b->room, b->n + 1) < 0)
    return -1;
  b->ranges[b->n] = (struct vr_batch_range){.offset = offset, .length = length};
  return (int)b->n++;
}

static int by_offset(const void *a, const void *b) {
  const struct vr_batch_range *const *x = a, *const *y = b;
  return ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

/* Do [offset, end) and the vector's range fit in one, within one region? */
static bool joins(const struct vr_gmem *m, uint64_t begin, uint64_t end,
                  const struct vr_batch_range *r) {
  uint64_t address, last = r->offset + r->length;
  return r->offset <= end + MERGE_GAP &&
         vr_gmem_address(m, begin, (last > end ? last : end) - begin,
                         &address) == 0;
}

static int add_vector(struct vr_batch *b, const struct vr_gmem *m,
                      uint64_t begin, uint64_t end) {
  uint64_t address;
  int r = vr_gmem_address(m, begin, end - begin, &address);
  if (r < 0)
    return r;
  b->remote[b->n_vectors++] =
      (struct iovec){(void *)(uintptr_t)address, end - begin};
  b->length += end - begin;
  return 0;
}

static int merge(struct vr_batch *b, const struct vr_gmem *m,
                 struct vr_batch_range **sorted) {
  for (size_t i = 0; i < b->n;) {
    uint64_t begin = sorted[i]->offset, end = begin;
    for (; i < b->n &&
           (sorted[i]->offset == begin || joins(m, begin, end, sorted[i]));
         i++) {
      uint64_t last = sorted[i]->offset + sorted[i]->length;
      end = last > end ? last : end;
      sorted[i]->position = (uint32_t)(b->length + (sorted[i]->offset - begin));
    }
    int r = add_vector(b, m, begin, end);
    if (r < 0)
      return r;
  }
  return 0;
}

int vr_batch_seal(struct vr_batch *b, const struct vr_gmem *m) {
  if (b->n == 0)
    return -ENOENT;
  struct vr_batch_range **sorted = calloc(b->n, sizeof(*sorted));
  b->local = calloc(b->n, sizeof(*b->local));
  b->remote = calloc(b->n, sizeof(*b->remote));
  int r = sorted && b->local && b->remote ? 0 : -ENOMEM;
  for (size_t i = 0; r == 0 && i < b->n; i++)
    sorted[i] = &b->ranges[i];
  if (r == 0) {
    vr_sort(sorted, b->n, sizeof(*sorted), by_offset);
    r = merge(b, m, sorted);
  }
  free(sorted);
  if (r == 0 && !(b->buffer = calloc(1, b->length)))
    r = -ENOMEM;
  uint8_t *to = b->buffer;
  for (size_t i = 0; r == 0 && i < b->n_vectors; i++) {
    b->local[i] = (struct iovec){to, b->remote[i].iov_len};
    to += b->remote[i].iov_len;
  }
  return r;
}

int vr_batch_read(struct vr_batch *b, const struct vr_gmem *m) {
  return vr_gmem_read_vectors(m, b->local, b->remote, b->n_vectors);
}

const void *vr_batch_get(const struct vr_batch *b, int range) {
  return range < 0 ? NULL : b->buffer + b->ranges[range].position;
}

uint64_t vr_batch_u64(const struct vr_batch *b, int range, unsigned i) {
  uint64_t v = 0;
  if (range >= 0 && (i + 1) * sizeof(v) <= b->ranges[range].length)
    memcpy(&v, (const uint8_t *)vr_batch_get(b, range) + i * sizeof(v),
           sizeof(v));
  return v;
}

uint32_t vr_batch_u32(const struct vr_batch *b, int range, unsigned i) {
  uint32_t v = 0;
  if (range >= 0 && (i + 1) * sizeof(v) <= b->ranges[range].length)
    memcpy(&v, (const uint8_t *)vr_batch_get(b, range) + i * sizeof(v),
           sizeof(v));
  return v;
}
