/* SPDX-License-Identifier: MIT
 *
 * What the configuration says of some guests, by name, uuid or "/regular
 * expression/": a list of numbers, of which the first that is said of a guest
 * counts.
 */
#ifndef VR_HOST_VMM_RULES_H
#define VR_HOST_VMM_RULES_H

#include "host/vmm/vm.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_rule;

/* A list; {0} is an empty one. */
struct vr_rules {
  struct vr_rule *first, **end;
};

void vr_rules_clear(struct vr_rules *r);

/* Says SAID of the guests that ENTRY matches. Returns 0, -EINVAL with a MESSAGE
 * for a wrong regular expression, -ENOMEM. */
int vr_rules_add(struct vr_rules *r, const char *entry, int said, char *message,
                 size_t size);

/* What is said of VM, or OTHERWISE. */
int vr_rules_of(const struct vr_rules *r, const struct vr_vm *vm,
                int otherwise);

/* Does any rule say something else? */
bool vr_rules_say_other(const struct vr_rules *r, int said);

#endif
