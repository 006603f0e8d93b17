/* SPDX-License-Identifier: MIT
 *
 * Which guests may be introspected, as the configuration has it: for all
 * guests, and for some by name or "/regular expression/". Default: none.
 */
#ifndef VR_INTROSPECT_PERMISSION_H
#define VR_INTROSPECT_PERMISSION_H

#include "host/vmm/vm.h"

#include <stdbool.h>
#include <stddef.h>

enum vr_permission {
  VR_INTROSPECT_NEVER,
  VR_INTROSPECT_TRUTH,   /* series for training only */
  VR_INTROSPECT_PUBLISH, /* the target may prefer them over estimates */
};

struct vr_permissions;

int vr_permission_new(struct vr_permissions **ret);
void vr_permission_free(struct vr_permissions *p);

/* "never", "truth" or "publish" to *RET. Returns 0 or -EINVAL. */
int vr_permission_parse(const char *word, enum vr_permission *ret);

/* For guests that no entry matches. */
void vr_permission_set_default(struct vr_permissions *p,
                               enum vr_permission permission);

/* For guests that ENTRY matches (name, uuid or "/regular expression/"); of
 * several entries the first counts. Returns 0, -EINVAL with a MESSAGE for a
 * wrong regular expression, -ENOMEM. */
int vr_permission_add(struct vr_permissions *p, const char *entry,
                      enum vr_permission permission, char *message,
                      size_t size);

enum vr_permission vr_permission_of(const struct vr_permissions *p,
                                    const struct vr_vm *vm);

/* Could any guest be introspected? */
bool vr_permission_any(const struct vr_permissions *p);

#endif
