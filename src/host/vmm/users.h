/* SPDX-License-Identifier: MIT
 *
 * Whose processes may call themselves virtual machines. Names of guests come
 * from command lines, and any user can write one.
 */
#ifndef VR_HOST_VMM_USERS_H
#define VR_HOST_VMM_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { VR_USERS_MAX = 64 };

struct vr_users {
  bool anyone;
  size_t count;
  uid_t uids[VR_USERS_MAX];
};

/* root, the daemon's own user, and those of root, libvirt-qemu, qemu, kvm,
 * _libvirt, vbox, firecracker, cloud-hypervisor where they exist. */
void vr_users_default(struct vr_users *ret);

/* Adds a user by name or number, "*" for everybody. Returns 0, -ENOENT for a
 * name that this machine does not have, -ENOSPC when the list is full. */
int vr_users_add(struct vr_users *users, const char *name);

/* Is NAME, which vr_users_add() takes, "*" or a user of this machine? */
bool vr_users_is_known(const char *name);

/* The name of UID in the file PASSWD ("/etc/passwd"; no directory service is
 * asked, which might not answer), or "" where it has none. */
void vr_users_name(const char *passwd, uid_t uid, char *ret, size_t size);

/* Is NAME one of those that are trusted by default where they exist? */
bool vr_users_is_default(const char *name);

/* Both the real and the effective user have to be trusted: the real one alone
 * could be anyone's who runs a set-uid program. */
bool vr_users_trust(const struct vr_users *users, uid_t real, uid_t effective);

#endif
