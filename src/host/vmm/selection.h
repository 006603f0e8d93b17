/* SPDX-License-Identifier: MIT
 *
 * Which guests are wanted: exact names and "/regular expressions/" with the
 * meaning of collectd's ignorelist. An empty list wants all; a list wants those
 * that match, or, inverted (IgnoreSelected true), those that do not.
 */
#ifndef VR_HOST_VMM_SELECTION_H
#define VR_HOST_VMM_SELECTION_H

#include "host/vmm/vm.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_select;

int vr_vmm_select_new(struct vr_select **ret);
void vr_vmm_select_free(struct vr_select *s);

/* Adds an entry. Returns 0, -EINVAL for a regular expression that is none (then
 * MESSAGE is filled), -ENOMEM. */
int vr_vmm_select_add(struct vr_select *s, const char *entry, char *message,
                      size_t size);
void vr_vmm_select_invert(struct vr_select *s, bool ignore);

bool vr_vmm_select_wants(const struct vr_select *s, const char *name);

/* The same as a callback of the host: CTX is the list; a guest is known by its
 * name or its uuid. */
bool vr_vmm_select_vm(void *ctx, const struct vr_vm *vm);

#endif
