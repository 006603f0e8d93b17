/* SPDX-License-Identifier: MIT */
#include "introspect/permission.h"

#include "host/vmm/selection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rule {
  struct rule *next;
  struct vr_select *guests;
  enum vr_permission permission;
};

struct vr_permissions {
  enum vr_permission otherwise;
  struct rule *rules, **end;
};

int vr_permission_new(struct vr_permissions **ret) {
  struct vr_permissions *p = calloc(1, sizeof(*p));
  if (!p)
    return -ENOMEM;
  p->end = &p->rules;
  *ret = p;
  return 0;
}

static void rule_free(struct rule *r) {
  if (r)
    vr_vmm_select_free(r->guests);
  free(r);
}

void vr_permission_free(struct vr_permissions *p) {
  while (p && p->rules) {
    struct rule *r = p->rules;
    p->rules = r->next;
    rule_free(r);
  }
  free(p);
}

int vr_permission_parse(const char *word, enum vr_permission *ret) {
  static const char *const words[] = {"never", "truth", "publish"};
  for (int i = 0; i < 3; i++)
    if (strcasecmp(word, words[i]) == 0) {
      *ret = (enum vr_permission)i;
      return 0;
    }
  return -EINVAL;
}

void vr_permission_set_default(struct vr_permissions *p,
                               enum vr_permission permission) {
  p->otherwise = permission;
}

int vr_permission_add(struct vr_permissions *p, const char *entry,
                      enum vr_permission permission, char *message,
                      size_t size) {
  struct rule *r = calloc(1, sizeof(*r));
  int error = r ? vr_vmm_select_new(&r->guests) : -ENOMEM;
  if (error == 0)
    error = vr_vmm_select_add(r->guests, entry, message, size);
  if (error < 0) {
    rule_free(r);
    return error;
  }
  r->permission = permission;
  *p->end = r;
  p->end = &r->next;
  return 0;
}

enum vr_permission vr_permission_of(const struct vr_permissions *p,
                                    const struct vr_vm *vm) {
  for (const struct rule *r = p->rules; r; r = r->next)
    if (vr_vmm_select_vm(r->guests, vm))
      return r->permission;
  return p->otherwise;
}

bool vr_permission_any(const struct vr_permissions *p) {
  for (const struct rule *r = p->rules; r; r = r->next)
    if (r->permission != VR_INTROSPECT_NEVER)
      return true;
  return p->otherwise != VR_INTROSPECT_NEVER;
}
