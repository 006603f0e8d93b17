/* SPDX-License-Identifier: MIT */
#include "schema/accelerator.h"

#include "basic/text.h"

static const char *const names[] = {
    [VR_ACCEL_ANY] = "any",
    [VR_ACCEL_TCG] = "tcg",
    [VR_ACCEL_KVM] = "kvm",
    [VR_ACCEL_OTHER] = "other",
};

const char *vr_accelerator_name(enum vr_accelerator a) { return names[a]; }

int vr_accelerator_by_name(const char *name, enum vr_accelerator *ret) {
  int i = vr_text_index(names, sizeof(names) / sizeof(names[0]), name);
  if (i < 0)
    return i;
  *ret = (enum vr_accelerator)i;
  return 0;
}
