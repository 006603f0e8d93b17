/* SPDX-License-Identifier: MIT */
#include "live/held.h"

#include <math.h>

bool vr_live_held_holds(const struct vr_held *h, vr_time end) {
  return h->end > 0 && end >= h->end && end < h->until;
}

static void answer_bounds(const struct vr_interval *b, bool is_rate,
                          vr_time end, vr_time interval,
                          struct vr_bound_totals *totals,
                          struct vr_counter_answer *answer) {
  answer->has_interval = true;
  answer->lower = b->lower;
  answer->upper = b->upper;
  if (!is_rate || !isfinite(b->lower))
    return;
  answer->lower_total =
      vr_live_total_advance(&totals->lower, b->lower, end, interval);
  answer->upper_total =
      vr_live_total_advance(&totals->upper, b->upper, end, interval);
}

void vr_live_held_answer(const struct vr_held *h, enum vr_counter c,
                         vr_time end, struct vr_total *total,
                         struct vr_bound_totals *bounds,
                         struct vr_counter_answer *answer) {
  static const struct vr_held overdue = {
      .value = {.value = NAN, .midterm = NAN, .longterm = NAN},
      .fit = NAN,
      .bounds = {NAN, NAN},
  };
  bool is_rate = vr_counter_info(c)->is_rate;
  const struct vr_held *v = vr_live_held_holds(h, end) ? h : &overdue;
  answer->present = true;
  answer->provenance = h->provenance;
  answer->value = v->value.value;
  answer->midterm = v->value.midterm;
  answer->longterm = v->value.longterm;
  answer->fit = v->fit;
  if (is_rate && isfinite(answer->value))
    answer->total =
        vr_live_total_advance(total, answer->value, end, h->interval);
  if (h->has_interval && bounds)
    answer_bounds(&v->bounds, is_rate, end, h->interval, bounds, answer);
}
