/* SPDX-License-Identifier: MIT
 *
 * A message put together piece by piece: what has no room is left out.
 */
#ifndef VR_MODEL_TEXT_H
#define VR_MODEL_TEXT_H

#include <stddef.h>

struct vr_text {
  char *at;    /* the NUL at its end */
  size_t left; /* with the NUL; at least 1 */
};

void vr_text_append(struct vr_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
