/* SPDX-License-Identifier: MIT */
#include "host/accel.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum vr_accelerator vr_accel_of_descriptors(int dirfd) {
  int fd = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return VR_ACCEL_UNKNOWN;
  DIR *dir = fdopendir(fd);
  if (!dir) {
    close(fd);
    return VR_ACCEL_UNKNOWN;
  }
  enum vr_accelerator found = VR_ACCEL_UNKNOWN;
  const struct dirent *e;
  while (found == VR_ACCEL_UNKNOWN && (e = readdir(dir))) {
    char target[64];
    ssize_t n = readlinkat(fd, e->d_name, target, sizeof(target) - 1);
    if (n < 0)
      continue;
    target[n] = '\0';
    if (strcmp(target, "anon_inode:kvm-vm") == 0)
      found = VR_ACCEL_KVM;
  }
  closedir(dir);
  return found;
}

enum vr_accelerator vr_accel_of_thread(const char *name) {
  const char *slash = strrchr(name, '/');
  if (!slash)
    return VR_ACCEL_UNKNOWN;
  if (strcmp(slash, "/TCG") == 0)
    return VR_ACCEL_TCG;
  return strcmp(slash, "/KVM") == 0 ? VR_ACCEL_KVM : VR_ACCEL_OTHER;
}
