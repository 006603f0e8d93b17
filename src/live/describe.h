/* SPDX-License-Identifier: MIT
 *
 * One line in the log for each guest: which counters are published and by what
 * kind of model, and why the others are not.
 */
#ifndef VR_LIVE_DESCRIBE_H
#define VR_LIVE_DESCRIBE_H

#include "live/guest_state.h"

/* Logs once for each binding, when it has held for a few ticks. */
void vr_live_guest_describe(struct vr_live_guest *g,
                            struct vr_live_context *context);

#endif
