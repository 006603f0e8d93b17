/* SPDX-License-Identifier: MIT
 *
 * How long a series remembers: the Hurst exponent.
 */
#ifndef VR_SYSID_LONG_MEMORY_H
#define VR_SYSID_LONG_MEMORY_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_hurst {
  double h;          /* local Whittle estimate: 0.5 no memory, to 1 long */
  double se;         /* 1 / (2 sqrt(frequencies)) */
  double h_variance; /* from the variance of block means, for comparison */
  bool at_bound;     /* h is where the search for it ends: 0 or 1.5 */
  size_t samples;    /* of the longest stretch without a gap, used here */
};
/* P. Robinson, Annals of Statistics 23 (1995), over the n^0.65 lowest
 * frequencies. -ENODATA below 128 samples without a gap. */
int vr_timeseries_hurst(size_t n, const double *x, struct vr_hurst *ret,
                        struct vr_error *error);

#endif
