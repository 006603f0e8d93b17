/* SPDX-License-Identifier: MIT
 *
 * Texts: a message put together piece by piece (what has no room is left out),
 * and words found in a table.
 */
#ifndef VR_BASIC_TEXT_H
#define VR_BASIC_TEXT_H

#include <stddef.h>

struct vr_text {
  char *at;    /* the NUL at its end */
  size_t left; /* with the NUL; at least 1 */
};

void vr_text_append(struct vr_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Index of TEXT among the N NAMES, or -ENOENT. */
int vr_text_index(const char *const *names, size_t n, const char *text);

#endif
