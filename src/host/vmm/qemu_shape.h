/* SPDX-License-Identifier: MIT
 *
 * QEMU under a name that nobody knows: by the shape of its options.
 */
#ifndef VR_HOST_VMM_QEMU_SHAPE_H
#define VR_HOST_VMM_QEMU_SHAPE_H

#include "host/vmm/cmdline.h"

/* Whether the arguments of C are those of a QEMU that runs a machine. A program
 * that starts one (sudo, strace, a script) has other words before them. */
bool vr_qemu_shape_fits(const struct vr_cmdline *c);

#endif
