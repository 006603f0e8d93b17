/* SPDX-License-Identifier: MIT */
#include "host/proc/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int vr_tree_open(struct vr_tree *t, const char *proc_path, const char *sys_path,
                 int fd_budget) {
  *t = (struct vr_tree){0};
  t->budget.max = fd_budget ? fd_budget : vr_procfile_budget_default();
  t->procfd = open(proc_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = t->procfd < 0 ? -errno : 0;
  t->sysfd = open(sys_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return r;
}

void vr_tree_close(struct vr_tree *t) {
  free(t->text.data);
  if (t->procfd >= 0)
    close(t->procfd);
  if (t->sysfd >= 0)
    close(t->sysfd);
}
