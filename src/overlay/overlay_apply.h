/* SPDX-License-Identifier: MIT
 *
 * Locations as entries of the kernel.
 * Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_APPLY_H
#define VR_OVERLAY_OVERLAY_APPLY_H

#include "overlay/overlay_internal.h"

/* LANs as they should be. */
void vr_overlay_ensure_lans(struct vr_overlay *o);

/* Sets the kernel's entries of one address. */
void vr_overlay_apply(struct vr_overlay *o, const struct vr_location *l);

/* All entries as they should be. */
void vr_overlay_reconcile(struct vr_overlay *o);

/* Whether E, which the kernel has, is this plugin's in LAN: everything of the
 * VXLAN and at it; at other ports of the bridge what is sticky, if the bridge
 * is ours or the address is one that we know. */
bool vr_overlay_is_ours(struct vr_overlay *o, const struct vr_lan *lan,
                        const struct vr_overlay_entry *e);

#endif
