/* SPDX-License-Identifier: MIT */
#include "host/proc/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int vr_listing_open(struct vr_listing *l, int dirfd, const char *path) {
  l->length = l->at = 0;
  l->fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return l->fd < 0 ? -errno : 0;
}

const char *vr_listing_next(struct vr_listing *l) {
  for (;;) {
    if (l->at >= l->length) {
      l->at = 0;
      l->length = getdents64(l->fd, l->buffer, sizeof(l->buffer));
      if (l->length <= 0)
        return NULL;
    }
    const struct dirent64 *e = (const struct dirent64 *)(l->buffer + l->at);
    l->at += e->d_reclen;
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      return e->d_name;
  }
}

void vr_listing_close(struct vr_listing *l) {
  if (l->fd >= 0)
    close(l->fd);
  l->fd = -1;
}
