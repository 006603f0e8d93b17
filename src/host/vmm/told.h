/* SPDX-License-Identifier: MIT
 *
 * What the configuration says of guests' kernels, which nothing else knows as
 * well:
 *   <VM "name or /regular expression/"> OS "linux" StealClock true
 *    IdleHidden false </VM>
 */
#ifndef VR_HOST_VMM_TOLD_H
#define VR_HOST_VMM_TOLD_H

#include "host/vmm/vm.h"

#include <stddef.h>

struct vr_told; /* a list of it */

int vr_told_new(struct vr_told **ret);
void vr_told_free(struct vr_told *t);

/* "linux" or "other" to *RET. Returns 0 or -EINVAL. */
int vr_told_parse_os(const char *word, enum vr_os *ret);

/* For guests that ENTRY matches (name, uuid or "/regular expression/"). Of
 * several entries the first counts. Returns 0, -EINVAL with a MESSAGE for a
 * wrong regular expression, -ENOMEM. */
int vr_told_add_os(struct vr_told *t, const char *entry, enum vr_os os,
                   char *message, size_t size);
int vr_told_add_steal_clock(struct vr_told *t, const char *entry,
                            enum vr_steal_clock steal_clock, char *message,
                            size_t size);
int vr_told_add_idle(struct vr_told *t, const char *entry, enum vr_idle idle,
                     char *message, size_t size);

/* Puts what is said of VM into it: os_told, steal_clock_told, idle_told. T may
 * be NULL. */
void vr_told_apply(const struct vr_told *t, struct vr_vm *vm);

#endif
