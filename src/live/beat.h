/* SPDX-License-Identifier: MIT
 *
 * When what was computed about a guest is published: at collectd's interval,
 * which is that of the values that come, whatever steps its models have. One
 * answer of a beat holds every counter that is published at its interval.
 */
#ifndef VR_LIVE_BEAT_H
#define VR_LIVE_BEAT_H

#include "live/guest_state.h"

/* Sets up a beat for each interval of the guest's active models; those of
 * intervals that it had go on. Returns 0, or -ENOMEM and then there are none.
 */
int vr_live_beats_set_up(struct vr_live_guest *g);

/* The guest's time begins anew at NOW, and nothing is held. */
void vr_live_beats_restart(struct vr_live_guest *g, vr_time now);

/* Is everything of the group published that is due before END? What it computes
 * for END will replace what is held. */
bool vr_live_beats_have_reached(const struct vr_live_guest *g,
                                const struct vr_rate_group *group, vr_time end);

/* Publishes the ticks that are due. Has there been any? */
bool vr_live_beats_advance(struct vr_live_guest *g,
                           struct vr_live_context *context);

#endif
