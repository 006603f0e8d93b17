/* SPDX-License-Identifier: MIT
 *
 * QEMU's command line, whoever wrote it: libvirt, Proxmox, or a person.
 */
#ifndef VR_HOST_VMM_QEMU_H
#define VR_HOST_VMM_QEMU_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

/* Fills *RET (which must be zeroed) from C. Returns 0, or -ENOENT when this
 * QEMU runs no machine (libvirt starts such ones to ask what QEMU can do). A
 * monitor socket that belongs to libvirt or Proxmox is never returned: they
 * keep it, or expect it free. */
int vr_qemu_parse(const struct vr_cmdline *c, int dirfd, struct vr_vm *ret);

#endif
