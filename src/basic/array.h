/* SPDX-License-Identifier: MIT
 *
 * Growing arrays: the one place where a capacity is doubled.
 *
 *   struct part *v; size_t n, capacity;       // NULL, 0, 0 to begin with
 *   int r = vr_array_reserve(&v, &capacity, n + 1);
 *   if (r < 0)
 *     return r;
 *   v[n++] = part;
 */
#ifndef VR_BASIC_ARRAY_H
#define VR_BASIC_ARRAY_H

#include <stddef.h>

/* Makes room for at least NEED elements of SIZE bytes in the array whose
 * pointer is at ARRAY (the address of a `T *`) and whose capacity in elements
 * is *capacity. The capacity at least doubles when the array grows; new
 * elements are not initialised. On error both are as they were, and the array
 * is still valid. Returns 0 or -ENOMEM (also where the number of bytes would
 * overflow). */
int vr_array_grow(void *array, size_t *capacity, size_t need, size_t size);

/* The same, with the size taken from the pointer's type. Arrays that share one
 * capacity take a copy of it each and store it when all of them have grown. */
#define vr_array_reserve(array, capacity, need)                                \
  vr_array_grow((array), (capacity), (need), sizeof(**(array)))

/* Room for one more in an array that keeps no capacity, only its length N: it
 * grows when N is a power of two, so that N must have grown from 0 in steps of
 * one. ARRAY and errors as above. */
int vr_array_one_more(void *array, size_t n, size_t size);

#endif
