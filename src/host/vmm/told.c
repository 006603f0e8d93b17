/* SPDX-License-Identifier: MIT */
#include "host/vmm/told.h"

#include "host/vmm/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rule {
  struct rule *next;
  struct vr_select *guests;
  enum vr_os os;
  enum vr_steal_clock steal_clock;
};

struct vr_told {
  struct rule *rules, **end;
};

int vr_told_new(struct vr_told **ret) {
  struct vr_told *t = calloc(1, sizeof(*t));
  if (!t)
    return -ENOMEM;
  t->end = &t->rules;
  *ret = t;
  return 0;
}

static void rule_free(struct rule *r) {
  if (r)
    vr_vmm_select_free(r->guests);
  free(r);
}

void vr_told_free(struct vr_told *t) {
  while (t && t->rules) {
    struct rule *r = t->rules;
    t->rules = r->next;
    rule_free(r);
  }
  free(t);
}

int vr_told_parse_os(const char *word, enum vr_os *ret) {
  bool linux_kernel = strcasecmp(word, "linux") == 0;
  if (!linux_kernel && strcasecmp(word, "other") != 0)
    return -EINVAL;
  *ret = linux_kernel ? VR_OS_LINUX : VR_OS_OTHER;
  return 0;
}

int vr_told_add(struct vr_told *t, const char *entry, enum vr_os os,
                enum vr_steal_clock steal_clock, char *message, size_t size) {
  struct rule *r = calloc(1, sizeof(*r));
  int error = r ? vr_vmm_select_new(&r->guests) : -ENOMEM;
  if (error == 0)
    error = vr_vmm_select_add(r->guests, entry, message, size);
  if (error < 0) {
    rule_free(r);
    return error;
  }
  r->os = os;
  r->steal_clock = steal_clock;
  *t->end = r;
  t->end = &r->next;
  return 0;
}

void vr_told_apply(const struct vr_told *t, struct vr_vm *vm) {
  for (const struct rule *r = t ? t->rules : NULL; r; r = r->next) {
    if (!vr_vmm_select_vm(r->guests, vm))
      continue;
    if (vm->os_told == VR_OS_UNKNOWN)
      vm->os_told = r->os;
    if (vm->steal_clock_told == VR_STEAL_CLOCK_UNKNOWN)
      vm->steal_clock_told = r->steal_clock;
  }
}
