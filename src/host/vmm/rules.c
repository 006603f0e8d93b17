/* SPDX-License-Identifier: MIT */
#include "host/vmm/rules.h"

#include "host/vmm/selection.h"

#include <errno.h>
#include <stdlib.h>

struct vr_rule {
  struct vr_rule *next;
  struct vr_select *guests;
  int said;
};

static void rule_free(struct vr_rule *r) {
  if (r)
    vr_vmm_select_free(r->guests);
  free(r);
}

void vr_rules_clear(struct vr_rules *r) {
  while (r->first) {
    struct vr_rule *rule = r->first;
    r->first = rule->next;
    rule_free(rule);
  }
  r->end = NULL;
}

int vr_rules_add(struct vr_rules *r, const char *entry, int said, char *message,
                 size_t size) {
  struct vr_rule *rule = calloc(1, sizeof(*rule));
  int error = rule ? vr_vmm_select_new(&rule->guests) : -ENOMEM;
  if (error == 0)
    error = vr_vmm_select_add(rule->guests, entry, message, size);
  if (error < 0) {
    rule_free(rule);
    return error;
  }
  rule->said = said;
  *(r->end ? r->end : &r->first) = rule;
  r->end = &rule->next;
  return 0;
}

int vr_rules_of(const struct vr_rules *r, const struct vr_vm *vm,
                int otherwise) {
  for (const struct vr_rule *rule = r->first; rule; rule = rule->next)
    if (vr_vmm_select_vm(rule->guests, vm))
      return rule->said;
  return otherwise;
}

bool vr_rules_say_other(const struct vr_rules *r, int said) {
  for (const struct vr_rule *rule = r->first; rule; rule = rule->next)
    if (rule->said != said)
      return true;
  return false;
}
