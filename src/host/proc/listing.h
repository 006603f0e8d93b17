/* SPDX-License-Identifier: MIT
 *
 * The names in a directory, one after the other, without an allocation: what
 * opendir(3) does, for directories that are listed again and again.
 */
#ifndef VR_HOST_PROC_LISTING_H
#define VR_HOST_PROC_LISTING_H

#include <sys/types.h>

struct vr_listing {
  int fd; /* of the directory; -1: not open */
  ssize_t length, at;
  char buffer[4096] __attribute__((aligned(8)));
};

/* Returns 0 or a negative errno. To be closed in any case. */
int vr_listing_open(struct vr_listing *l, int dirfd, const char *path);

/* The next name, without "." and "..", valid until the next call; NULL at the
 * end. */
const char *vr_listing_next(struct vr_listing *l);

void vr_listing_close(struct vr_listing *l);

#endif
