/* SPDX-License-Identifier: MIT
 *
 * The interface by which this host reaches the others: the one that has its
 * VTEP. Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_CARD_H
#define VR_OVERLAY_OVERLAY_CARD_H

#include "overlay/overlay_internal.h"

/* Reads it and passes it on, once an interval. */
void vr_overlay_card_report(struct vr_overlay *o);

#endif
