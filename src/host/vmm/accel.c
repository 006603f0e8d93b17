/* SPDX-License-Identifier: MIT */
#include "host/vmm/accel.h"

#include "basic/cleanup.h"
#include "host/proc/listing.h"

#include <string.h>
#include <unistd.h>

enum vr_accelerator vr_accel_of_descriptors(int dirfd) {
  vr_cleanup(vr_listing_close) struct vr_listing fds;
  const char *name;
  if (vr_listing_open(&fds, dirfd, "fd") < 0)
    return VR_ACCEL_UNKNOWN;
  while ((name = vr_listing_next(&fds))) {
    char target[64];
    ssize_t n = readlinkat(fds.fd, name, target, sizeof(target) - 1);
    if (n < 0)
      continue;
    target[n] = '\0';
    if (strcmp(target, "anon_inode:kvm-vm") == 0)
      return VR_ACCEL_KVM;
  }
  return VR_ACCEL_UNKNOWN;
}

enum vr_accelerator vr_accel_of_thread(const char *name) {
  const char *slash = strrchr(name, '/');
  if (!slash)
    return VR_ACCEL_UNKNOWN;
  if (strcmp(slash, "/TCG") == 0)
    return VR_ACCEL_TCG;
  return strcmp(slash, "/KVM") == 0 ? VR_ACCEL_KVM : VR_ACCEL_OTHER;
}
