/* SPDX-License-Identifier: MIT
 *
 * Reads the files that expected.py and expected.m write: named arrays.
 */
#ifndef VR_TESTS_SYSID_FIXTURE_H
#define VR_TESTS_SYSID_FIXTURE_H

#include <stddef.h>

struct fixture {
  unsigned n;
  struct {
    char name[32];
    size_t n;
    double *values;
  } arrays[64];
};

/* tests/data/sysid/NAME; a file that is not there or not whole fails the test.
 */
void fixture_read(struct fixture *f, const char *name);
void fixture_free(struct fixture *f);

/* An array (its length in *ret_n unless NULL), and a single number. */
const double *fixture_array(const struct fixture *f, const char *name,
                            size_t *ret_n);
double fixture_number(const struct fixture *f, const char *name);

#endif
