/* SPDX-License-Identifier: MIT */
#include "host/vmm/users.h"

#include "basic/text.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
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

static const char *const names[] = {"libvirt-qemu",    "qemu", "kvm",
                                    "_libvirt",        "vbox", "firecracker",
                                    "cloud-hypervisor"};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

void vr_users_default(struct vr_users *ret) {
  *ret = (struct vr_users){0};
  add_uid(ret, 0);
  add_uid(ret, geteuid());
  for (size_t i = 0; i < NAMES; i++)
    vr_users_add(ret, names[i]);
}

bool vr_users_is_default(const char *name) {
  return vr_text_index(names, NAMES, name) >= 0;
}

static bool is_number(const char *name) {
  return *name && name[strspn(name, "0123456789")] == '\0';
}

bool vr_users_is_known(const char *name) {
  char buffer[16384];
  struct passwd entry, *found = NULL;
  if (!is_number(name))
    return true;
  getpwuid_r((uid_t)strtoull(name, NULL, 10), &entry, buffer, sizeof(buffer),
             &found);
  return found != NULL;
}

void vr_users_name(const char *passwd, uid_t uid, char *ret, size_t size) {
  char buffer[4096];
  struct passwd entry, *p;
  ret[0] = '\0';
  FILE *f = fopen(passwd, "re");
  while (f && fgetpwent_r(f, &entry, buffer, sizeof(buffer), &p) == 0)
    if (p->pw_uid == uid) {
      snprintf(ret, size, "%s", p->pw_name);
      break;
    }
  if (f)
    fclose(f);
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
