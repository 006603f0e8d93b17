/* SPDX-License-Identifier: MIT
 *
 * The command lines, and files, of monitors other than QEMU. Each function
 * fills the zeroed *RET from C; DIRFD is the process's /proc directory, for
 * files that the command line names. Returns 0, or -ENOENT when it runs no
 * guest.
 *
 * What they rely on is each monitor's own documentation or source; the fixtures
 * in tests/data/proc name it.
 */
#ifndef VR_HOST_VMM_OTHER_VMMS_H
#define VR_HOST_VMM_OTHER_VMMS_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

int vr_vmm_firecracker_parse(const struct vr_cmdline *c, int dirfd,
                             struct vr_vm *ret);
int vr_vmm_cloud_hypervisor_parse(const struct vr_cmdline *c, int dirfd,
                                  struct vr_vm *ret);
int vr_vmm_crosvm_parse(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret);
int vr_vmm_vmware_parse(const struct vr_cmdline *c, int dirfd,
                        struct vr_vm *ret);
int vr_vmm_virtualbox_parse(const struct vr_cmdline *c, int dirfd,
                            struct vr_vm *ret);
int vr_vmm_kvmtool_parse(const struct vr_cmdline *c, int dirfd,
                         struct vr_vm *ret);

#endif
