/* SPDX-License-Identifier: MIT
 *
 * Sorting and searching of arrays that may be empty, and then have no address:
 * qsort(3) and bsearch(3) must not be given NULL, not even for no elements.
 */
#ifndef VR_BASIC_SORT_H
#define VR_BASIC_SORT_H

#include <stddef.h>
#include <stdlib.h>

typedef int (*vr_sort_order)(const void *, const void *);

/* Sorts N elements of SIZE bytes. */
static inline void vr_sort(void *base, size_t n, size_t size,
                           vr_sort_order order) {
  if (n > 1)
    qsort(base, n, size, order);
}

/* The same with an order that looks at USER. */
static inline void
vr_sort_with(void *base, size_t n, size_t size,
             int (*order)(const void *, const void *, void *), void *user) {
  if (n > 1)
    qsort_r(base, n, size, order, user);
}

/* The element of a sorted array that is equal to KEY, or NULL. */
static inline void *vr_sort_find(const void *key, const void *base, size_t n,
                                 size_t size, vr_sort_order order) {
  return n > 0 ? bsearch(key, base, n, size, order) : NULL;
}

#endif
