/* SPDX-License-Identifier: MIT
 *
 * What is published between the ends of ticks: counts that the guest itself
 * reports (provenance cooperative) are passed on at the instants of their
 * reports, one or several in an interval. At the ends of ticks alone they would
 * be interpolated once more, and what finer reports know would be lost.
 */
#ifndef VR_LIVE_BETWEEN_H
#define VR_LIVE_BETWEEN_H

#include "live/guest_state.h"

/* Publishes what was reported within the tick of the beat that ends at END,
 * before that tick is published; lets the totals rise until END. Of two values
 * of one second only one is published, since an RRD file takes no other: that
 * of the tick's end, or else the first. */
void vr_live_between_publish(struct vr_live_guest *g,
                             struct vr_live_context *context,
                             const struct vr_beat *beat, vr_time end);

#endif
