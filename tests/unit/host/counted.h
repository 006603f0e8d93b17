/* SPDX-License-Identifier: MIT
 *
 * Counts allocations in a test that is linked with --wrap=malloc, --wrap=calloc
 * and --wrap=realloc; further functions by COUNTED. Part of one file a test.
 */
#ifndef VR_TESTS_COUNTED_H
#define VR_TESTS_COUNTED_H

#include <stdbool.h>
#include <stdlib.h>

static bool counting;
static int allocations;

#define COUNTED(type, name, parameters, arguments)                             \
  type __real_##name parameters;                                               \
  type __wrap_##name parameters;                                               \
  type __wrap_##name parameters {                                              \
    allocations += counting;                                                   \
    return __real_##name arguments;                                            \
  }
COUNTED(void *, malloc, (size_t n), (n))
COUNTED(void *, calloc, (size_t n, size_t size), (n, size))
COUNTED(void *, realloc, (void *p, size_t n), (p, n))

#endif
