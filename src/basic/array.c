/* SPDX-License-Identifier: MIT */
#include "basic/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 8 };

static size_t larger(size_t capacity, size_t need) {
  size_t doubled;
  if (__builtin_mul_overflow(capacity, 2, &doubled) || doubled < need)
    return need;
  return doubled > SMALLEST ? doubled : SMALLEST;
}

int vr_array_grow(void *array, size_t *capacity, size_t need, size_t size) {
  if (need <= *capacity)
    return 0;
  /* Pointers of all object types have one representation here; the copy keeps
   * clear of aliasing. */
  void *old, *new;
  memcpy(&old, array, sizeof(old));
  size_t n = larger(*capacity, need), bytes;
  if (__builtin_mul_overflow(n, size, &bytes))
    return -ENOMEM;
  new = realloc(old, bytes);
  if (!new)
    return -ENOMEM;
  memcpy(array, &new, sizeof(new));
  *capacity = n;
  return 0;
}

int vr_array_one_more(void *array, size_t n, size_t size) {
  size_t capacity = n;
  return n & (n - 1) ? 0 : vr_array_grow(array, &capacity, n ? 2 * n : 1, size);
}
