/* SPDX-License-Identifier: MIT
 *
 * The kernel's files of one machine: the directories /proc and /sys (or
 * recorded ones), how many files may be kept open, and a buffer for texts.
 */
#ifndef VR_HOST_PROC_TREE_H
#define VR_HOST_PROC_TREE_H

#include "host/proc/procfile.h"

struct vr_tree {
  int procfd, sysfd; /* sysfd is -1 where there is no /sys */
  struct vr_fd_budget budget;
  struct vr_procfile_text text;
};

/* FD_BUDGET files may be kept open; 0: half of the process's limit. Without
 * /sys only the sums over hardware are missing. Returns 0 or a negative errno
 * (no such PROC_PATH). To be closed in any case. */
int vr_tree_open(struct vr_tree *t, const char *proc_path, const char *sys_path,
                 int fd_budget);
void vr_tree_close(struct vr_tree *t);

#endif
