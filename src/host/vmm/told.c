/* SPDX-License-Identifier: MIT */
#include "host/vmm/told.h"

#include "host/vmm/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

struct vr_told {
  struct vr_rules os, steal_clock, idle;
};

int vr_told_new(struct vr_told **ret) {
  struct vr_told *t = calloc(1, sizeof(*t));
  if (!t)
    return -ENOMEM;
  *ret = t;
  return 0;
}

void vr_told_free(struct vr_told *t) {
  if (!t)
    return;
  vr_rules_clear(&t->os);
  vr_rules_clear(&t->steal_clock);
  vr_rules_clear(&t->idle);
  free(t);
}

int vr_told_parse_os(const char *word, enum vr_os *ret) {
  bool linux_kernel = strcasecmp(word, "linux") == 0;
  if (!linux_kernel && strcasecmp(word, "other") != 0)
    return -EINVAL;
  *ret = linux_kernel ? VR_OS_LINUX : VR_OS_OTHER;
  return 0;
}

int vr_told_add_os(struct vr_told *t, const char *entry, enum vr_os os,
                   char *message, size_t size) {
  return vr_rules_add(&t->os, entry, os, message, size);
}

int vr_told_add_steal_clock(struct vr_told *t, const char *entry,
                            enum vr_steal_clock steal_clock, char *message,
                            size_t size) {
  return vr_rules_add(&t->steal_clock, entry, steal_clock, message, size);
}

int vr_told_add_idle(struct vr_told *t, const char *entry, enum vr_idle idle,
                     char *message, size_t size) {
  return vr_rules_add(&t->idle, entry, idle, message, size);
}

void vr_told_apply(const struct vr_told *t, struct vr_vm *vm) {
  if (!t)
    return;
  vm->os_told = vr_rules_of(&t->os, vm, vm->os_told);
  vm->steal_clock_told = vr_rules_of(&t->steal_clock, vm, vm->steal_clock_told);
  vm->idle_told = vr_rules_of(&t->idle, vm, vm->idle_told);
}
