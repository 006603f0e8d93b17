/* SPDX-License-Identifier: MIT
 *
 * The type of machine that QEMU emulates.
 */
#ifndef VR_HOST_VMM_QEMU_MACHINE_H
#define VR_HOST_VMM_QEMU_MACHINE_H

#include "host/vmm/cmdline.h"

enum { VR_QEMU_MACHINE_MAX = 64 };

/* What -machine or -M says, the last of several; "" where nothing does. */
void vr_qemu_machine_type(const struct vr_cmdline *c,
                          char ret[VR_QEMU_MACHINE_MAX]);

/* Whether machines of TYPE have 128 MiB and one processor where nothing is
 * said. Boards have what is soldered to them. */
bool vr_qemu_machine_is_common(const char *type);

#endif
