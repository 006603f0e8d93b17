/* SPDX-License-Identifier: MIT
 *
 * A pid file: the number in it, and for whose processes it counts. Who may
 * write it could put any number there, that of another user's process as well.
 */
#ifndef VR_HOST_VMM_PIDFILE_H
#define VR_HOST_VMM_PIDFILE_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

struct vr_pidfile;

struct vr_pidfile_entry {
  pid_t pid;      /* 0: there is none */
  time_t written; /* when the file was written */
  bool anyone;    /* root, or the user we are, wrote it: it counts for all */
  uid_t owner;    /* otherwise for this user's processes only */
};

int vr_pidfile_new(const char *path, struct vr_pidfile **ret);
void vr_pidfile_free(struct vr_pidfile *f);

/* Reads it. Returns 0; -ENOENT when it is not there; -EMEDIUMTYPE and -EISDIR
 * when it is no regular file; -EACCES when more than its owner may write it, or
 * replace it; -ETIMEDOUT and -EBUSY when its file system does not answer in a
 * fifth of a second; or another negative errno. What it has to say is logged
 * once. */
int vr_pidfile_read(struct vr_pidfile *f, struct vr_pidfile_entry *ret);

#endif
