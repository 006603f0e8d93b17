/* SPDX-License-Identifier: MIT
 *
 * Ways between hosts: a central passes on what was decided, and hosts set
 * routes between the ends of their tunnels. Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_WAYS_H
#define VR_OVERLAY_OVERLAY_WAYS_H

#include "overlay/overlay_internal.h"
#include "overlay/overlay_value.h"

/* A value that came in and is meant as a way: what is known, and the routes,
 * follow. */
enum vr_refusal vr_overlay_ways_take(struct vr_overlay *o,
                                     const struct vr_overlay_value *v);

/* At the beginning, on a host: the routes of ours that the kernel has are kept,
 * until a central says something else, or nothing for too long. */
void vr_overlay_ways_adopt(struct vr_overlay *o);

/* Once an interval, on a host: routes are compared with what should be. */
void vr_overlay_ways_reconcile(struct vr_overlay *o);

/* On a central: the file with the decisions; NULL: it cannot be read. The
 * caller frees it. With the lock of looking only. */
char *vr_overlay_ways_read(const struct vr_overlay *o);

/* Once an interval, and when the file was written, on a central: its TEXT is
 * passed on. */
void vr_overlay_ways_pass_on(struct vr_overlay *o, const char *text);

#endif
