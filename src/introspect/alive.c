/* SPDX-License-Identifier: MIT */
#include "introspect/alive.h"

#include "basic/cleanup.h"
#include "host/proc/pidfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STAT_SIZE 1024

/* When the process that has this number now started; 0: none has. */
static uint64_t start_of(pid_t pid) {
  char path[32], text[STAT_SIZE];
  struct vr_pidstat stat;
  snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
  if (vr_procfile_read_once(AT_FDCWD, path, text, sizeof(text)) < 0 ||
      vr_proc_pidstat_parse(text, &stat) < 0 || stat.state == 'Z' ||
      stat.state == 'X')
    return 0;
  return stat.start_ticks;
}

static bool may_keep(const struct vr_fd_budget *budget) {
  return !budget || budget->used < budget->max;
}

int vr_alive_open(pid_t pid, uint64_t start, struct vr_fd_budget *budget,
                  struct vr_alive *ret) {
  struct vr_alive a = {.pid = pid, .pidfd = -1, .budget = budget};
  if (may_keep(budget))
    a.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  /* After the descriptor: what it is bound to is what was checked. */
  a.start = start_of(pid);
  if (a.start == 0 || (start != 0 && a.start != start)) {
    vr_closep(&a.pidfd);
    return -ESRCH;
  }
  if (a.pidfd >= 0 && budget)
    budget->used++;
  *ret = a;
  return 0;
}

void vr_alive_close(struct vr_alive *a) {
  if (a->pidfd < 0)
    return;
  vr_closep(&a->pidfd);
  a->pidfd = -1;
  if (a->budget)
    a->budget->used--;
}

bool vr_alive(const struct vr_alive *a) {
  struct pollfd p = {.fd = a->pidfd, .events = POLLIN};
  return a->pidfd >= 0 ? poll(&p, 1, 0) == 0 : start_of(a->pid) == a->start;
}
