/* SPDX-License-Identifier: MIT
 *
 * Guests that are on this host: who comes, who leaves, and that all are told.
 * Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_CLAIM_H
#define VR_OVERLAY_OVERLAY_CLAIM_H

#include "overlay/overlay_internal.h"

/* Sends A to the others, at once with NOW. */
void vr_overlay_say(struct vr_overlay *o, const struct vr_announcement *a,
                    bool now);

/* The same with what is known of L. */
void vr_overlay_announce(struct vr_overlay *o, struct vr_location *l, bool now);

/* Guest of port P has shown itself under MAC. */
void vr_overlay_claim(struct vr_overlay *o, struct vr_overlay_port *p,
                      const struct vr_mac *mac);

/* L has moved; AT is when its first frame was seen there. */
void vr_overlay_note_migration(struct vr_overlay *o,
                               const struct vr_location *l, int64_t at);

/* Claims what has begun here without a frame. */
void vr_overlay_claim_begun(struct vr_overlay *o);

/* Once an interval: tells of what has ended here. */
void vr_overlay_take_leave(struct vr_overlay *o);

/* When the daemon starts: takes in what the kernel has and nobody else knows
 * of. */
void vr_overlay_adopt(struct vr_overlay *o);

#endif
