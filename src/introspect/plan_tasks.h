/* SPDX-License-Identifier: MIT
 *
 * Counting tasks by following the guest kernel's list of them.
 */
#ifndef VR_INTROSPECT_PLAN_TASKS_H
#define VR_INTROSPECT_PLAN_TASKS_H

#include "introspect/kernel.h"

/* Follows the list of all processes, in a search as above, and counts the
 * kernel threads that are idle. Returns their number, -ENOENT when the list
 * cannot be followed to its end, or another negative errno of reading. */
int vr_plan_count_idle(const struct vr_kernel *k);

#endif
