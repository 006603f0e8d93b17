/* SPDX-License-Identifier: MIT */
#include "schema/per.h"

#include "basic/text.h"

static const char *const names[] = {
    [VR_PER_ONE] = "one",
    [VR_PER_VCPU] = "vcpu",
    [VR_PER_GIB] = "gib",
};

const char *vr_per_name(enum vr_per p) { return names[p]; }

int vr_per_by_name(const char *name, enum vr_per *ret) {
  int i = vr_text_index(names, sizeof(names) / sizeof(names[0]), name);
  if (i < 0)
    return i;
  *ret = (enum vr_per)i;
  return 0;
}
