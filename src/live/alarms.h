/* SPDX-License-Identifier: MIT
 *
 * Notifications about a guest: its models have been out of their training range
 * for long, or what the guest itself sends has been outside the published
 * intervals for long. One notification a guest, not one a counter, since
 * several models mostly fail together.
 */
#ifndef VR_LIVE_ALARMS_H
#define VR_LIVE_ALARMS_H

#include "live/guest_state.h"

/* Notifies when models that are published have been out of their training range
 * for long, and when they are back. */
void vr_live_guest_watch_range(struct vr_live_guest *g,
                               struct vr_live_context *context);

/* Notifies when the guest's own values have been outside the published
 * intervals for long, and when they are back. */
void vr_live_guest_watch_drift(struct vr_live_guest *g,
                               struct vr_live_context *context);

/* The guest is about to be forgotten: closes its notifications. */
void vr_live_guest_end_alarms(struct vr_live_guest *g,
                              struct vr_live_context *context);

#endif
