/* SPDX-License-Identifier: MIT
 *
 * How much memory QEMU gives to its guest: -m, or the machine's backend, and
 * the memory devices beside it.
 */
#ifndef VR_HOST_VMM_QEMU_MEMORY_H
#define VR_HOST_VMM_QEMU_MEMORY_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

/* Sets memory (0: not known) and pmem of *RET. DEFAULTS: whether what C leaves
 * out is at QEMU's default. */
void vr_qemu_memory_parse(const struct vr_cmdline *c, bool defaults,
                          struct vr_vm *ret);

#endif
