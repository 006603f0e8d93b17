/* SPDX-License-Identifier: MIT
 *
 * What executes a guest's code. It decides what run-queue delay means inside
 * the guest. The numbers are those of the series gauge-accelerator.
 */
#ifndef VR_SCHEMA_ACCELERATOR_H
#define VR_SCHEMA_ACCELERATOR_H

enum vr_accelerator {
  VR_ACCEL_UNKNOWN = 0,            /* of a guest: not known */
  VR_ACCEL_ANY = VR_ACCEL_UNKNOWN, /* of a model: serves every accelerator */
  VR_ACCEL_TCG = 1,                /* QEMU's translator */
  VR_ACCEL_KVM = 2,
  VR_ACCEL_OTHER = 3,
};

/* As in model files: "any", "tcg", "kvm", "other". */
const char *vr_accelerator_name(enum vr_accelerator a);

/* Returns 0 and *ret, or -ENOENT. */
int vr_accelerator_by_name(const char *name, enum vr_accelerator *ret);

#endif
