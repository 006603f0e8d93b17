/* SPDX-License-Identifier: MIT
 *
 * The pools of Proxmox VE: to which of them a guest belongs, as
 * /etc/pve/user.cfg has it. That is a file system in user space, which may
 * hang.
 */
#ifndef VR_HOST_PVE_POOLS_H
#define VR_HOST_PVE_POOLS_H

#include <stdbool.h>
#include <stddef.h>

struct vr_pve_pools;

/* PATH: "/etc/pve/user.cfg". NULL without memory. */
struct vr_pve_pools *vr_pve_pools_new(const char *path);
void vr_pve_pools_free(struct vr_pve_pools *p);

/* Reads the file again; what is not readable within a moment stays as it was.
 */
void vr_pve_pools_read(struct vr_pve_pools *p);

/* The pool of the guest with the number VMID, as last read. Returns false where
 * it is in none. */
bool vr_pve_pools_find(const struct vr_pve_pools *p, const char *vmid,
                       char *ret, size_t size);

/* The same in TEXT, the content of the file: lines
 * "pool:NAME:comment:100,101:storages:". */
bool vr_pve_pools_find_in(const char *text, const char *vmid, char *ret,
                          size_t size);

#endif
