/* SPDX-License-Identifier: MIT */
#include "host/net/macvtap.h"

#include "basic/cleanup.h"
#include "basic/deadline.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { WAIT_MS = 200 };

/* Links of our own tree are the kernel's. */
struct tree_of_sys {
  int fd;
  long kind; /* of its file system */
  int (*find)(int dirfd, const char *path, mode_t kind);
};

/* Of which kind a tree of /sys is to be. */
static long kind_of(int sysfd) {
  struct statfs fs;
  return sysfd >= 0 && fstatfs(sysfd, &fs) == 0 ? (long)fs.f_type
                                                : (long)SYSFS_MAGIC;
}

static bool is_kind(int fd, long kind) {
  struct statfs fs;
  return fd >= 0 && fstatfs(fd, &fs) == 0 && (long)fs.f_type == kind;
}

/* Something else may be mounted over any part of it. */
static bool is_device(int directory, dev_t device, long kind) {
  char text[32];
  unsigned major, minor;
  vr_auto_close int found = vr_safe_find(directory, "dev", S_IFREG);
  if (!is_kind(found, kind))
    return false;
  vr_auto_close int fd = vr_safe_open_found(found);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
  text[n > 0 ? n : 0] = '\0';
  return sscanf(text, "%u:%u", &major, &minor) == 2 &&
         makedev(major, minor) == device;
}

/* The tree shows one network namespace: there tapN leads to its interface. */
static bool find_in(const struct tree_of_sys *t, const char *class,
                    const char *tapn, dev_t device, char name[VR_IFNAME_MAX]) {
  char path[64], target[256];
  snprintf(path, sizeof(path), "class/%s/%.20s", class, tapn);
  vr_auto_close int directory = t->find(t->fd, path, S_IFDIR);
  if (!is_kind(directory, t->kind))
    return false;
  ssize_t n = readlinkat(directory, "device", target, sizeof(target) - 1);
  if (n < 0 || !is_device(directory, device, t->kind))
    return false;
  target[n] = '\0';
  const char *slash = strrchr(target, '/');
  snprintf(name, VR_IFNAME_MAX, "%.15s", slash ? slash + 1 : target);
  return true;
}

static bool find(const struct tree_of_sys *t, const char *tapn, dev_t device,
                 char name[VR_IFNAME_MAX]) {
  return find_in(t, "macvtap", tapn, device, name) ||
         find_in(t, "ipvtap", tapn, device, name);
}

bool vr_macvtap_find(int sysfd, const char *tapn, dev_t device,
                     char ret_name[VR_IFNAME_MAX]) {
  const struct tree_of_sys own = {sysfd, kind_of(sysfd), vr_safe_find};
  return sysfd >= 0 && find(&own, tapn, device, ret_name);
}

/* What the thread works on that may be left behind. */
struct job {
  int process;
  char tapn[24], name[VR_IFNAME_MAX];
  dev_t device;
  long kind;
};

static void job_free(void *ctx) {
  struct job *j = ctx;
  vr_closep(&j->process);
  free(j);
}

static int run(void *ctx) {
  struct job *j = ctx;
  vr_auto_close int root =
      openat(j->process, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  vr_auto_close int sysfd =
      root < 0 ? -1 : vr_safe_find_below(root, "sys", S_IFDIR);
  const struct tree_of_sys theirs = {sysfd, j->kind, vr_safe_find_below};
  return is_kind(sysfd, j->kind) && find(&theirs, j->tapn, j->device, j->name)
             ? 0
             : -ENOENT;
}

bool vr_macvtap_find_theirs(int process, int sysfd, const char *tapn,
                            dev_t device, char ret_name[VR_IFNAME_MAX]) {
  struct vr_deadline_call *call = NULL;
  struct job *j = calloc(1, sizeof(*j));
  int result = -ENOENT;
  if (!j)
    return false;
  *j = (struct job){.process = fcntl(process, F_DUPFD_CLOEXEC, 0),
                    .device = device,
                    .kind = kind_of(sysfd)};
  snprintf(j->tapn, sizeof(j->tapn), "%.20s", tapn);
  bool found = j->process >= 0 &&
               vr_deadline_run(&call, run, j, WAIT_MS, &result) == 0 &&
               result == 0;
  if (found)
    memcpy(ret_name, j->name, VR_IFNAME_MAX);
  vr_deadline_leave(&call, job_free, j);
  return found;
}
