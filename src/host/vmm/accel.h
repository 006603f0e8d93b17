/* SPDX-License-Identifier: MIT
 *
 * What executes a guest's code. It decides what run-queue wait means inside the
 * guest, so a guess would be worse than not knowing.
 */
#ifndef VR_HOST_VMM_ACCEL_H
#define VR_HOST_VMM_ACCEL_H

#include "host/vmm/vm.h"

/* What the process's own descriptors show: VR_ACCEL_KVM when it holds a virtual
 * machine of KVM, VR_ACCEL_UNKNOWN otherwise or when they may not be read.
 */
enum vr_accelerator vr_accel_of_descriptors(int dirfd);

/* What the name of a QEMU vCPU thread shows ("CPU 0/KVM"). */
enum vr_accelerator vr_accel_of_thread(const char *name);

#endif
