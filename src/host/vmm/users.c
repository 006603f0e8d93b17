/* SPDX-License-Identifier: MIT */
#include "host/vmm/users.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool contains(const struct vr_users *users, uid_t uid) {
  for (size_t i = 0; i < users->count; i++)
    if (users->uids[i] == uid)
      return true;
  return false;
}

static int add_uid(struct vr_users *users, uid_t uid) {
  if (contains(users, uid))
    return 0;
  if (users->count == VR_USERS_MAX)
    return -ENOSPC;
  users->uids[users->count++] = uid;
  return 0;
}

void vr_users_default(struct vr_users *ret) {
  static const char *const names[] = {"libvirt-qemu",    "qemu", "kvm",
                                      "_libvirt",        "vbox", "firecracker",
                                      "cloud-hypervisor"};
  *ret = (struct vr_users){0};
  add_uid(ret, 0);
  add_uid(ret, geteuid());
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    vr_users_add(ret, names[i]);
}

int vr_users_add(struct vr_users *users, const char *name) {
  if (strcmp(name, "*") == 0) {
    users->anyone = true;
    return 0;
  }
  char *end;
  errno = 0;
  unsigned long long number = strtoull(name, &end, 10);
  /* The largest number means nobody to the kernel. */
  if (*name >= '0' && *name <= '9' && *end == '\0')
    return errno == 0 && number < (uid_t)-1 ? add_uid(users, (uid_t)number)
                                            : -ENOENT;

  char buffer[16384];
  struct passwd entry, *found = NULL;
  getpwnam_r(name, &entry, buffer, sizeof(buffer), &found);
  return found ? add_uid(users, found->pw_uid) : -ENOENT;
}

bool vr_users_trust(const struct vr_users *users, uid_t real, uid_t effective) {
  return users->anyone || (contains(users, real) && contains(users, effective));
}
