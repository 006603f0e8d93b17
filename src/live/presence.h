/* SPDX-License-Identifier: MIT
 *
 * Since when and until when a host has sent values of a guest.
 */
#ifndef VR_LIVE_PRESENCE_H
#define VR_LIVE_PRESENCE_H

#include "live/guest_state.h"

struct vr_presence {
  vr_time born, newest; /* INT64_MIN: no value was received yet */
  vr_time interval;     /* the longest of its series */
  unsigned sweeps;      /* since the last value */
  bool inherited;       /* it has the state of a migration source */
};

/* A migration takes no longer; a guest that two hosts have for longer at once
 * is two guests. */
#define VR_PRESENCE_OVERLAP (600 * VR_SECOND)

/* Takes the guest's lock for a moment. */
struct vr_presence vr_live_presence_of(struct vr_live_guest *g);

/* Was there any value? A guest is made before its first value is added. */
bool vr_live_presence_has_begun(const struct vr_presence *p);

/* Has its host stopped to send values of it, as of NOW? */
bool vr_live_presence_has_ended(const struct vr_presence *p, vr_time now,
                                unsigned allowed_lateness);

#endif
