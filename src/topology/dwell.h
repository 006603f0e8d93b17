/* SPDX-License-Identifier: MIT
 *
 * When a change is announced: after it has been seen some times in a row, and
 * not soon after the last announcement.
 */
#ifndef VR_TOPOLOGY_DWELL_H
#define VR_TOPOLOGY_DWELL_H

#include "signal/resample.h"

#include <stdbool.h>

struct vr_dwell_options {
  unsigned times; /* in a row; at least 1 */
  vr_time pause;  /* between two announcements */
};

/* 3 times, 60 s. */
struct vr_dwell_options vr_dwell_defaults(void);

struct vr_dwell {
  bool has_announced;
  int announced;
  int candidate;
  unsigned seen; /* of the candidate, in a row */
  vr_time last;  /* announcement */
};

/* VALUE is what is seen now. Returns whether it is to be announced. */
bool vr_dwell_step(struct vr_dwell *d, const struct vr_dwell_options *o,
                   int value, vr_time now);

#endif
