/* SPDX-License-Identifier: MIT
 *
 * A count that follows from a rate, for series of type DERIVE.
 */
#ifndef VR_LIVE_TOTAL_H
#define VR_LIVE_TOTAL_H

#include "signal/resample.h"

/* All zero: a count that begins at 0. */
struct vr_total {
  double fraction; /* what is not a whole one yet: 0 to below 1 */
  int64_t total;
  vr_time last; /* when it was last added to; 0: not known */
};

/* Lets the total rise by RATE, per second, from its last time to NOW; where
 * that is not known, over one STEP; where it is NOW, by nothing. A rate below 0
 * counts as 0. Returns the total. */
int64_t vr_live_total_advance(struct vr_total *t, double rate, vr_time now,
                              vr_time step);

#endif
