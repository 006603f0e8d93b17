/* SPDX-License-Identifier: MIT */
#include "host/proc/directio.h"

#include "basic/cleanup.h"
#include "host/proc/listing.h"
#include "host/proc/procfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Devices and memory that are no disks; the firmware's variables are a flash
 * that the guest's kernel does not count. */
static const char *const no_disks[] = {
    "/dev/kvm",   "/dev/null",      "/dev/zero",    "/dev/net/",
    "/dev/vhost", "/dev/vfio/",     "/dev/tap",     "/dev/ptmx",
    "/dev/pts/",  "/dev/random",    "/dev/urandom", "/dev/hugepages",
    "/dev/shm/",  "/dev/userfault", "/memfd:",      "/dev/sev",
    "/dev/tty",   "/dev/input/",    "/dev/dri/",    "/dev/bus/",
    "/proc/",     "/sys/",          "/dev/hwrng",   "/dev/iommu",
    "/dev/tpm",   "/dev/sgx",       "/dev/udmabuf",
};

static bool may_be_disk(const char *target) {
  if (target[0] != '/' || strstr(target, "/nvram/"))
    return false;
  for (size_t i = 0; i < sizeof(no_disks) / sizeof(no_disks[0]); i++)
    if (strncmp(target, no_disks[i], strlen(no_disks[i])) == 0)
      return false;
  return true;
}

/* The flags that the descriptor was opened with; -1: not known. */
static int flags_of(int dirfd, const char *name) {
  char path[64], text[1024];
  snprintf(path, sizeof(path), "fdinfo/%.32s", name);
  if (vr_procfile_read_once(dirfd, path, text, sizeof(text)) < 0)
    return -1;
  const char *flags = strstr(text, "flags:");
  return flags ? (int)strtol(flags + strlen("flags:"), NULL, 8) : -1;
}

bool vr_directio_holds(int dirfd) {
  vr_cleanup(vr_listing_close) struct vr_listing fds;
  const char *name;
  bool any = false;
  if (vr_listing_open(&fds, dirfd, "fd") < 0)
    return false;
  while ((name = vr_listing_next(&fds))) {
    char target[256];
    ssize_t n = readlinkat(fds.fd, name, target, sizeof(target) - 1);
    target[n > 0 ? n : 0] = '\0';
    if (!may_be_disk(target))
      continue;
    int flags = flags_of(dirfd, name);
    /* A log, or a directory. */
    if (flags >= 0 &&
        ((flags & O_ACCMODE) == O_WRONLY || (flags & (O_DIRECTORY | O_PATH))))
      continue;
    if (flags < 0 || !(flags & O_DIRECT))
      return false;
    any = true;
  }
  return any;
}
