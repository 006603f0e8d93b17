/* SPDX-License-Identifier: MIT
 *
 * From the load average to the load that makes it. The kernel computes its
 * average over a minute every five seconds as a first-order filter of the
 * number n of active tasks (model/load_filter.h), so that
 *
 *   n(k) = (load(k) - decay load(k-1)) / (1 - decay)
 *
 * (P. A. Dinda, D. R. O'Hallaron: Realistic CPU workloads through host load
 * trace playback, LCR 2000). Where that is below zero, the trace falls faster
 * than any load can: n is 0, and the filter goes on from what it has got
 * to, not from the trace, so that the error does not last. The same with more
 * tasks than there may be.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_INVERT_H
#define VR_TOOLS_VMRECON_PLAY_INVERT_H

#include <stddef.h>

static const double VR_TOOLS_LOAD_STEP = 5; /* seconds between two n */

struct vr_tools_inverse {
  double load;           /* the filter's state */
  double most;           /* tasks at a time */
  size_t fast, too_many; /* steps in which n would be below 0, above MOST */
};

/* The number of tasks that takes the average from where it is to LOAD within
 * one step. */
double vr_tools_invert(struct vr_tools_inverse *s, double load);

/* The average one step later, of N tasks. */
double vr_tools_invert_back(double load, double n);

#endif
