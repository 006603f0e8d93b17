/* SPDX-License-Identifier: MIT
 *
 * Turning what a plan has read into counters.
 */
#ifndef VR_INTROSPECT_PLAN_COUNTERS_H
#define VR_INTROSPECT_PLAN_COUNTERS_H

#include "introspect/introspect_values.h"
#include "introspect/plan.h"

/* Is what was read still of this kernel: same banner, same per-CPU areas? */
bool vr_plan_is_same_kernel(const struct vr_plan *p);

/* Time of the guest kernel's last tick in ns since it booted, 0 if not known;
 * and its tick count. */
uint64_t vr_plan_last_tick(const struct vr_plan *p);
uint64_t vr_plan_jiffies(const struct vr_plan *p);

/* Turns what was read into counters; GUEST_NOW_NS is the guest's clock at that
 * time, 0 if not known. */
void vr_plan_counters(struct vr_plan *p, uint64_t guest_now_ns,
                      struct vr_introspect_values *ret);

#endif
