/* SPDX-License-Identifier: MIT
 *
 * Whether QEMU lets its guest idle without leaving it.
 */
#ifndef VR_HOST_VMM_QEMU_IDLE_H
#define VR_HOST_VMM_QEMU_IDLE_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

/* Sets VM's idle to hidden where one of these is there: -overcommit cpu-pm=on,
 * with which HLT and MWAIT of KVM guests stay in the guest (the last of several
 * that name it counts, though QEMU before 9.1 forgets it with any later
 * -overcommit); idle=poll or cpuidle_haltpoll.force among the words of -append.
 * Leaves it untouched elsewhere. */
void vr_qemu_idle_parse(const struct vr_cmdline *c, struct vr_vm *vm);

#endif
