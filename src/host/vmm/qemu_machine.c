/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_machine.h"

#include "host/vmm/qemu_option.h"

#include <fnmatch.h>

static const char *const options[] = {"machine", "M"};

void vr_qemu_machine_type(const struct vr_cmdline *c,
                          char ret[VR_QEMU_MACHINE_MAX]) {
  const char *v;
  ret[0] = '\0';
  for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
    for (int at = 1; (v = vr_cmdline_option(c, options[i], &at));)
      vr_qemu_option_key(v, "type", "type", ret, VR_QEMU_MACHINE_MAX);
}

bool vr_qemu_machine_is_common(const char *type) {
  static const char *const common[] = {"",      "pc",    "pc-*",   "q35",
                                       "virt*", "isapc", "microvm"};
  for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
    if (fnmatch(common[i], type, 0) == 0)
      return true;
  return false;
}
