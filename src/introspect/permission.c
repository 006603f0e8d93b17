/* SPDX-License-Identifier: MIT */
#include "introspect/permission.h"

#include "host/vmm/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

struct vr_permissions {
  enum vr_permission otherwise;
  struct vr_rules rules;
};

int vr_permission_new(struct vr_permissions **ret) {
  struct vr_permissions *p = calloc(1, sizeof(*p));
  if (!p)
    return -ENOMEM;
  *ret = p;
  return 0;
}

void vr_permission_free(struct vr_permissions *p) {
  if (p)
    vr_rules_clear(&p->rules);
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
  return vr_rules_add(&p->rules, entry, permission, message, size);
}

enum vr_permission vr_permission_of(const struct vr_permissions *p,
                                    const struct vr_vm *vm) {
  return vr_rules_of(&p->rules, vm, p->otherwise);
}

bool vr_permission_any(const struct vr_permissions *p) {
  return vr_rules_say_other(&p->rules, VR_INTROSPECT_NEVER) ||
         p->otherwise != VR_INTROSPECT_NEVER;
}
