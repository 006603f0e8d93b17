/* SPDX-License-Identifier: MIT
 *
 * Does the mean of a series drift?
 */
#ifndef VR_SYSID_STATIONARITY_H
#define VR_SYSID_STATIONARITY_H

#include "basic/error.h"

#include <stddef.h>

struct vr_stationarity {
  unsigned blocks;
  double mean_spread; /* sd of block means / sd of the series */
  double sd_ratio;    /* largest block sd / smallest */
  double p_mean;      /* chance of means spread so far, were the series the
                         stationary AR process fitted within blocks; small = drift */
};
int vr_timeseries_stationarity(size_t n, const double *x, unsigned blocks,
                               struct vr_stationarity *ret,
                               struct vr_error *error);

#endif
