/* SPDX-License-Identifier: MIT
 *
 * Directories of an archive that gave nothing: what cannot be read, and what is
 * empty, so that the one is not taken for the other.
 */
#ifndef VR_ARCHIVE_UNLISTED_H
#define VR_ARCHIVE_UNLISTED_H

#include <stddef.h>

struct vr_unlisted {
  size_t n_unreadable, n_empty;
  int error;                /* of the first that cannot be read */
  char *unreadable, *empty; /* the first of each */
};

void vr_unlisted_clear(struct vr_unlisted *u);

/* Notes that PATH cannot be listed, by the errno ERROR; 0: it is empty. What is
 * gone, or no directory, is nobody's loss and is passed over. */
void vr_unlisted_note(struct vr_unlisted *u, const char *path, int error);

/* Logs a warning about what cannot be read, and a notice about what is empty.
 */
void vr_unlisted_log(const struct vr_unlisted *u);

/* What to do about the errno ERROR of a directory; "": nothing is known. */
const char *vr_unlisted_advice(int error);

#endif
