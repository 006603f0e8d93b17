/* SPDX-License-Identifier: MIT
 *
 * What was computed last of a counter, to be published until the next tick of
 * its model is there. A model of 70 s gives a value every 70 s; RRD files and
 * collectd's own cache expect one at every interval at which collectd runs.
 */
#ifndef VR_LIVE_HELD_H
#define VR_LIVE_HELD_H

#include "live/answer.h"
#include "live/total.h"
#include "model/interval.h"
#include "model/run.h"

/* All zero: nothing was computed yet. */
struct vr_held {
  vr_time end;      /* of the tick that the value is of */
  vr_time until;    /* from then on it is overdue */
  vr_time interval; /* at which it is published */
  struct vr_run_value value;
  enum vr_provenance provenance;
  double fit;
  bool is_law; /* of load: its bounds are in the value */
  bool has_interval;
  struct vr_interval bounds;
};

/* The totals of the bounds of a counter's interval. */
struct vr_bound_totals {
  struct vr_total lower, upper;
};

/* Does H hold anything at the time END? */
bool vr_live_held_holds(const struct vr_held *h, vr_time end);

/* Fills ANSWER, which is all zero, with what H holds of counter C at END, the
 * end of a tick of H->interval; NAN where the next value is overdue. The totals
 * of a rate rise evenly, by its value times the time since the answer
 * before. BOUNDS may be NULL: no intervals. */
void vr_live_held_answer(const struct vr_held *h, enum vr_counter c,
                         vr_time end, struct vr_total *total,
                         struct vr_bound_totals *bounds,
                         struct vr_counter_answer *answer);

#endif
