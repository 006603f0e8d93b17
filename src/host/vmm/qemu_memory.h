/* SPDX-License-Identifier: MIT
 *
 * How much memory QEMU gives to its guest: -m, or the machine's backend, and
 * the memory devices beside it.
 */
#ifndef VR_HOST_VMM_QEMU_MEMORY_H
#define VR_HOST_VMM_QEMU_MEMORY_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

/* One key of an option that is written as "k=v,k=v", the first key perhaps
 * IMPLIED, or as a JSON object. Copies the value (a number of JSON in digits)
 * and returns true if the key is there. */
bool vr_qemu_memory_key(const char *option, const char *key,
                        const char *implied, char *value, size_t size);

/* Sets memory (0: not known) and pmem of *RET. DEFAULTS: whether what C leaves
 * out is at QEMU's default. */
void vr_qemu_memory_parse(const struct vr_cmdline *c, bool defaults,
                          struct vr_vm *ret);

#endif
