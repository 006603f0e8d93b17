/* SPDX-License-Identifier: MIT */
#include "top_rhythm.h"

enum {
  LEARNED = 2, /* distances; one may be long, where a value was lost */
  LEARN_ANEW = 60,
};
static const double EARLY_SECONDS = 0.1;

void vr_top_rhythm_heard(struct vr_top_rhythm *r, double listed,
                         double distance) {
  /* It came at some time since the list before. Where that was expected, the
   * expectation is closer than the time of the list. */
  bool expected = r->due > 0 && r->due <= listed && !r->missed;
  double came = expected ? r->due : listed;
  /* Never longer, unless it is learned anew: of an interval that is too long
   * every second value would be overlooked, and none would show it. */
  if (r->heard % LEARN_ANEW == 0 || distance < r->interval)
    r->interval = distance;
  r->heard++;
  r->due = came + r->interval;
  r->missed = false;
}

void vr_top_rhythm_missed(struct vr_top_rhythm *r, double listed) {
  if (r->due <= listed)
    r->missed = true;
}

bool vr_top_rhythm_is_due(const struct vr_top_rhythm *r, double now) {
  return r->heard % LEARN_ANEW < LEARNED || r->due <= now + EARLY_SECONDS;
}
