/* SPDX-License-Identifier: MIT
 *
 * The overlay on one host: LANs that are made, guests that show themselves,
 * entries that follow. On a central it has no LANs, and passes announcements
 * on.
 *
 * All functions may be called from any thread. State lives in the kernel:
 * freeing the object changes nothing there.
 */
#ifndef VR_OVERLAY_OVERLAY_H
#define VR_OVERLAY_OVERLAY_H

#include "overlay/overlay_options.h"
#include "overlay/overlay_value.h"

struct vr_overlay;

/* Takes what is known from before, and what the kernel has. Returns 0 or a
 * negative errno; then the options' members and LANs are still the caller's. */
int vr_overlay_new(const struct vr_overlay_options *o, struct vr_overlay **ret);

/* Ends the thread and writes the state file. */
void vr_overlay_free(struct vr_overlay *o);

/* Begins to wait for guests, on a thread of its own. */
int vr_overlay_start(struct vr_overlay *o);

/* Takes a value that came in. */
void vr_overlay_take(struct vr_overlay *o, const struct vr_overlay_value *v);

/* Once an interval: LANs and entries are compared with what should be, guests
 * are looked for, everything is announced again, and the state is written. */
void vr_overlay_step(struct vr_overlay *o);

#endif
