/* SPDX-License-Identifier: MIT */
#include "live/total.h"

#include <math.h>

int64_t vr_live_total_advance(struct vr_total *t, double rate, vr_time now,
                              vr_time step) {
  if (t->last == now)
    return t->total;
  vr_time since = t->last > 0 && t->last < now ? now - t->last : step;
  double rise = fmax(rate, 0) * vr_signal_seconds_of_time(since) + t->fraction;
  double whole = floor(rise);
  if (!(whole >= 0 && whole < 9e18))
    whole = 0;
  t->total = (int64_t)((uint64_t)t->total + (uint64_t)whole);
  t->fraction = rise - whole < 1 ? rise - whole : 0;
  t->last = now;
  return t->total;
}
