/* SPDX-License-Identifier: MIT
 *
 * The thread that waits.
 */
#ifndef VR_OVERLAY_OVERLAY_WATCH_H
#define VR_OVERLAY_OVERLAY_WATCH_H

#include "overlay/overlay_internal.h"

/* Begins it; without the lock. Returns 0 or a negative errno. */
int vr_overlay_watch_start(struct vr_overlay *o);

/* Ends it; without the lock. */
void vr_overlay_watch_stop(struct vr_overlay *o);

#endif
