/* SPDX-License-Identifier: MIT
 *
 * The ticks of a guest: each is computed once, when all of its inputs have
 * arrived or the allowed lateness is over, and published.
 */
#ifndef VR_LIVE_TICK_H
#define VR_LIVE_TICK_H

#include "live/guest_state.h"

/* Computes and publishes the ticks that can be computed. */
void vr_live_guest_advance(struct vr_live_guest *g,
                           struct vr_live_context *context);

#endif
