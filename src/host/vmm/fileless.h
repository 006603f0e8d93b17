/* SPDX-License-Identifier: MIT
 *
 * Disks that QEMU reaches without a file: their bytes are in no counter that
 * the kernel keeps of the process.
 */
#ifndef VR_HOST_VMM_FILELESS_H
#define VR_HOST_VMM_FILELESS_H

#include "host/vmm/cmdline.h"

/* Whether C, a command line of QEMU's, has such a disk: over a network, in a
 * vhost-user daemon, in the kernel's vhost-scsi, or one that takes the guest's
 * own commands. */
bool vr_fileless_has(const struct vr_cmdline *c);

#endif
