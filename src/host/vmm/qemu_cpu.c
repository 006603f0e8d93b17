/* SPDX-License-Identifier: MIT */
#include "host/vmm/qemu_cpu.h"

#include <stdio.h>
#include <string.h>

/* QEMU takes "_" for "-" in a feature's name. */
static void set_name(char *name) {
  for (; *name != '\0'; name++)
    if (*name == '_')
      *name = '-';
}

static void take(const char *name, bool on, struct vr_vm *vm) {
  /* A vendor's name alone is often shown to guests of any kind. */
  if (strncmp(name, "hv-", 3) == 0 && strcmp(name, "hv-vendor-id") != 0 && on)
    vm->os = VR_OS_OTHER;
  if (strcmp(name, "kvm-steal-time") == 0)
    vm->steal_clock = on ? VR_STEAL_CLOCK_PRESENT : VR_STEAL_CLOCK_NONE;
  if (strcmp(name, "kvm-hint-dedicated") == 0)
    vm->idle = on ? VR_IDLE_HIDDEN : VR_IDLE_UNKNOWN;
  if (strcmp(name, "kvm") == 0 && !on)
    vm->steal_clock = VR_STEAL_CLOCK_NONE;
}

/* FEATURE=VALUE, FEATURE, +FEATURE or -FEATURE, of LENGTH characters. */
static void take_part(const char *part, size_t length, struct vr_vm *vm) {
  char text[64];
  if (length == 0 || length >= sizeof(text))
    return;
  snprintf(text, sizeof(text), "%.*s", (int)length, part);
  bool on = text[0] != '-';
  char *name = text + (text[0] == '-' || text[0] == '+');
  char *value = strchr(name, '=');
  if (value) {
    *value++ = '\0';
    on = strcmp(value, "off") != 0 && strcmp(value, "false") != 0 &&
         strcmp(value, "no") != 0;
  }
  set_name(name);
  take(name, on, vm);
}

void vr_qemu_cpu_parse(const struct vr_cmdline *c, struct vr_vm *vm) {
  const char *v;
  for (int at = 1; (v = vr_cmdline_option(c, "cpu", &at));) {
    v += strcspn(v, ","); /* the model */
    while (*v == ',') {
      size_t n = strcspn(++v, ",");
      take_part(v, n, vm);
      v += n;
    }
  }
}
