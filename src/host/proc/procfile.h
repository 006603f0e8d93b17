/* SPDX-License-Identifier: MIT
 *
 * A file of /proc that is read again and again: opened once and re-read from
 * its start while the budget of descriptors lasts, opened for every read beyond
 * it. A descriptor that is kept stays bound to its process: when the process is
 * gone a read fails with -ESRCH, also if its number belongs to another by then.
 */
#ifndef VR_HOST_PROC_PROCFILE_H
#define VR_HOST_PROC_PROCFILE_H

#include <stddef.h>
#include <sys/types.h>

/* How many descriptors may be kept open; shared by all files of one host. */
struct vr_fd_budget {
  int max, used;
};

struct vr_procfile {
  int fd; /* -1: not kept open */
};

#define VR_PROCFILE_CLOSED                                                     \
  (struct vr_procfile) { .fd = -1 }

/* A text buffer that only grows: no allocation once it has seen the largest. */
struct vr_procfile_text {
  char *data;
  size_t size;
};

/* Half of the process's limit of descriptors: the rest is the daemon's. */
int vr_procfile_budget_default(void);

/* Reads PATH (relative to DIRFD) into BUFFER with one read, as is right for the
 * files that the kernel prints in one piece, and ends it with a NUL.
 * Returns the length, at most SIZE - 1, or a negative errno. */
ssize_t vr_procfile_read(struct vr_procfile *f, struct vr_fd_budget *budget,
                         int dirfd, const char *path, char *buffer,
                         size_t size);

/* The same into a text that grows: also for long ones. */
ssize_t vr_procfile_read_piece(struct vr_procfile *f,
                               struct vr_fd_budget *budget, int dirfd,
                               const char *path, struct vr_procfile_text *text);

/* The same for files that come in several pieces, growing TEXT as needed. */
ssize_t vr_procfile_read_all(struct vr_procfile *f, struct vr_fd_budget *budget,
                             int dirfd, const char *path,
                             struct vr_procfile_text *text);

void vr_procfile_close(struct vr_procfile *f, struct vr_fd_budget *budget);

/* Opens, reads once, closes: for what is read rarely. Same result. */
ssize_t vr_procfile_read_once(int dirfd, const char *path, char *buffer,
                              size_t size);

#endif
