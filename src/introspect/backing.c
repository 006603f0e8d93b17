/* SPDX-License-Identifier: MIT */
#include "introspect/backing.h"

#include "basic/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 4096 /* that are checked */

/* Without asking a server that may be dead, and opening nothing but files: a
 * pipe or a device would notice. */
static bool is_it(int dir, const char *name, const struct vr_backing *b) {
  struct statx s;
  return statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &s) ==
             0 &&
         S_ISREG(s.stx_mode) && s.stx_ino == b->inode &&
         s.stx_dev_major == b->major && s.stx_dev_minor == b->minor;
}

static int open_descriptor(pid_t pid, const struct vr_backing *b) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
  DIR *dir = opendir(path);
  if (!dir)
    return -errno;
  int fd = -ENOENT;
  struct dirent *e;
  for (unsigned n = 0; fd == -ENOENT && n < MAX_DESCRIPTORS; n++) {
    if (!(e = readdir(dir)))
      break;
    if (e->d_name[0] == '.' || !is_it(dirfd(dir), e->d_name, b))
      continue;
    fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
      fd = -errno;
  }
  closedir(dir);
  return fd;
}

int vr_backing_open(pid_t pid, uint64_t begin, uint64_t end,
                    const struct vr_backing *b) {
  char path[96];
  if (b->inode == 0)
    return -ENOENT;
  snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
           (int)pid, begin, end);
  if (is_it(AT_FDCWD, path, b)) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0)
      return fd;
  }
  return open_descriptor(pid, b);
}

/* A file system without holes reports that all is data. */
bool vr_backing_has(int fd, uint64_t offset) {
  off_t at = lseek(fd, (off_t)offset, SEEK_DATA);
  return at < 0 ? errno == EINVAL : (uint64_t)at / 4096 == offset / 4096;
}
