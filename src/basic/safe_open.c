/* SPDX-License-Identifier: MIT */
#include "basic/safe_open.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* Returns FD, or closes it and returns what is wrong with its kind. */
static int check_kind(int fd, mode_t kind) {
  struct stat st;
  int r = 0;
  if (fd < 0)
    return -errno;
  if (fstat(fd, &st) < 0)
    r = -errno;
  else if ((st.st_mode & S_IFMT) != kind)
    r = S_ISDIR(st.st_mode) ? -EISDIR : -EMEDIUMTYPE;
  if (r == 0)
    return fd;
  close(fd);
  return r;
}

int vr_safe_find(int dirfd, const char *path, mode_t kind) {
  return check_kind(openat(dirfd, path, O_PATH | O_CLOEXEC), kind);
}

/* One name of a path; a link, or a way up, is refused. */
static int step_down(int dir, const char *name) {
  struct stat st;
  if (strcmp(name, "..") == 0)
    return -ELOOP;
  int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode))
    return fd;
  close(fd);
  return -ELOOP;
}

/* For kernels before 5.6: name by name. */
static int walk_down(int root, const char *path) {
  char name[NAME_MAX + 1];
  int fd = openat(root, ".", O_PATH | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  while (fd >= 0 && *(path += strspn(path, "/")) != '\0') {
    size_t n = strcspn(path, "/");
    int next = -ENAMETOOLONG;
    if (n < sizeof(name)) {
      memcpy(name, path, n);
      name[n] = '\0';
      next = step_down(fd, name);
    }
    close(fd);
    fd = next;
    path += n;
  }
  return fd;
}

int vr_safe_find_below(int root, const char *path, mode_t kind) {
  const struct open_how how = {
      .flags = O_PATH | O_CLOEXEC,
      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
  /* A sandbox may answer for the kernel, and knows no newer calls. */
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
    return check_kind(fd, kind);
  fd = walk_down(root, path);
  return fd < 0 ? fd : check_kind(fd, kind);
}

int vr_safe_open_found(int found) {
  char path[32];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int open_and_close(int found) {
  if (found < 0)
    return found;
  int fd = vr_safe_open_found(found);
  close(found);
  return fd;
}

int vr_safe_open(int dirfd, const char *path) {
  return open_and_close(vr_safe_find(dirfd, path, S_IFREG));
}

int vr_safe_open_below(int root, const char *path) {
  return open_and_close(vr_safe_find_below(root, path, S_IFREG));
}

bool vr_safe_same_system(int a, int b) {
  struct statfs x, y;
  return fstatfs(a, &x) == 0 && fstatfs(b, &y) == 0 && x.f_type == y.f_type;
}

const char *vr_safe_why(int error) {
  if (error == -EMEDIUMTYPE)
    return "not a regular file (a pipe, a device or a socket): it is not "
           "opened";
  if (error == -ETIMEDOUT || error == -EBUSY)
    return "the file system does not answer (a server that is away?)";
  return strerror(-error);
}
