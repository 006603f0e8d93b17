/* SPDX-License-Identifier: MIT */
#include "host/net/tun.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TUNGETDEVNETNS /* Linux 5.6 */
#define TUNGETDEVNETNS _IO('T', 227)
#endif

/* A copy of another process's descriptor. */
static int copy_of(pid_t pid, int fd) {
  vr_auto_close int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process < 0)
    return -errno;
  int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
  return copy < 0 ? -errno : copy;
}

int vr_tun_namespace(pid_t pid, int fd, const char *name, uint64_t *ret_inode) {
  struct ifreq request = {0};
  struct stat st;
  vr_auto_close int copy = copy_of(pid, fd);
  if (copy < 0)
    return copy;
  if (fstat(copy, &st) < 0 || !S_ISCHR(st.st_mode) ||
      ioctl(copy, TUNGETIFF, &request) < 0 ||
      strncmp(request.ifr_name, name, IFNAMSIZ) != 0)
    return -ESTALE;
  vr_auto_close int space = ioctl(copy, TUNGETDEVNETNS);
  if (space < 0 || fstat(space, &st) < 0)
    return -errno;
  *ret_inode = (uint64_t)st.st_ino;
  return 0;
}
