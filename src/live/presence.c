/* SPDX-License-Identifier: MIT */
#include "live/presence.h"

#include "live/guest_series.h"

enum {
  /* Clocks of hosts differ: a guest has ended only where, besides the time of
   * the values, so many sweeps without a value show it. */
  SILENT_SWEEPS = 2,
  STOPPED_INTERVALS = 3,
};

struct vr_presence vr_live_presence_of(struct vr_live_guest *g) {
  pthread_mutex_lock(&g->lock);
  struct vr_presence p = {
      .born = g->born,
      .newest = g->newest,
      .interval = vr_live_series_longest_interval(g),
      .sweeps = atomic_load(&g->silent_sweeps),
      .inherited = g->inherited,
  };
  pthread_mutex_unlock(&g->lock);
  return p;
}

bool vr_live_presence_has_begun(const struct vr_presence *p) {
  return p->newest != INT64_MIN;
}

bool vr_live_presence_has_ended(const struct vr_presence *p, vr_time now,
                                unsigned allowed_lateness) {
  vr_time limit = p->interval * (STOPPED_INTERVALS + (vr_time)allowed_lateness);
  return p->sweeps >= SILENT_SWEEPS && now - p->newest > limit;
}
