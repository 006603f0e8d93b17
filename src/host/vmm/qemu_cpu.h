/* SPDX-License-Identifier: MIT
 *
 * What the features that QEMU gives the guest's processors say about its
 * kernel.
 */
#ifndef VR_HOST_VMM_QEMU_CPU_H
#define VR_HOST_VMM_QEMU_CPU_H

#include "host/vmm/cmdline.h"
#include "host/vmm/vm.h"

/* Reads -cpu MODEL,FEATURE=VALUE,+FEATURE,-FEATURE. Hyper-V's enlightenments
 * (hv-*) are what Windows uses: who gives them to a guest knows that it is not
 * Linux. kvm=off hides KVM from the guest, kvm-steal-time is its steal clock,
 * and with kvm-hint-dedicated=on Linux may poll before it sleeps
 * (cpuidle_haltpoll).
 * Leaves untouched what is not said. */
void vr_qemu_cpu_parse(const struct vr_cmdline *c, struct vr_vm *vm);

#endif
