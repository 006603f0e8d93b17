/* SPDX-License-Identifier: MIT */
#include "topology/dwell.h"

struct vr_dwell_options vr_dwell_defaults(void) {
  return (struct vr_dwell_options){.times = 3, .pause = 60 * VR_SECOND};
}

bool vr_dwell_step(struct vr_dwell *d, const struct vr_dwell_options *o,
                   int value, vr_time now) {
  if (d->seen == 0 || value != d->candidate) {
    d->candidate = value;
    d->seen = 0;
  }
  if (d->seen < o->times)
    d->seen++;
  if (d->has_announced && value == d->announced)
    return false;
  if (d->seen < o->times)
    return false;
  /* A clock that was set back does not silence it for long. */
  if (d->has_announced && now >= d->last && now - d->last < o->pause)
    return false;
  d->has_announced = true;
  d->announced = value;
  d->last = now;
  return true;
}
