/* SPDX-License-Identifier: MIT
 *
 * When a guest's next values are to come, so that they are not asked for
 * before: collectd answers LISTVAL with a line for each series that it has,
 * which costs more than all the rest. Seconds of a clock that nobody sets.
 */
#ifndef VR_TOP_TOP_RHYTHM_H
#define VR_TOP_TOP_RHYTHM_H

#include <stdbool.h>

/* All zero: nothing is known yet, and values are due always. */
struct vr_top_rhythm {
  double interval; /* shortest distance of two values' times */
  double due;      /* when the next is to have come */
  unsigned heard;  /* distances that were seen */
  bool missed;     /* it was due, and had not come */
};

/* New values were found by the list of LISTED, DISTANCE seconds later than
 * those before by their own times. */
void vr_top_rhythm_heard(struct vr_top_rhythm *r, double listed,
                         double distance);

/* None were found by it. */
void vr_top_rhythm_missed(struct vr_top_rhythm *r, double listed);

bool vr_top_rhythm_is_due(const struct vr_top_rhythm *r, double now);

#endif
