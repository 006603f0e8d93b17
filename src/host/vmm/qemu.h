/* SPDX-License-Identifier: MIT
 *
 * QEMU's command line, whoever wrote it: libvirt, Proxmox, or a person. A QEMU
 * that runs no machine is no guest: libvirt starts such ones to ask what QEMU
 * can do. A QMP socket that belongs to libvirt or Proxmox is never returned:
 * they hold it, or expect it free.
 */
#ifndef VR_HOST_VMM_QEMU_H
#define VR_HOST_VMM_QEMU_H

#include "host/vmm/recogniser.h"

extern const struct vr_recogniser vr_qemu_recogniser;

/* A program of another name that has QEMU's options: its defaults are not
 * known. */
extern const struct vr_recogniser vr_qemu_alike_recogniser;
int vr_qemu_parse_alike(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret);

#endif
