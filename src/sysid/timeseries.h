/* SPDX-License-Identifier: MIT
 *
 * One series by itself: moments, autocovariance and memory. Series are plain
 * arrays on a regular grid; values that are not finite are gaps.
 */
#ifndef VR_SYSID_TIMESERIES_H
#define VR_SYSID_TIMESERIES_H

#include "sysid/dataset.h"

struct vr_moments {
  size_t samples; /* finite ones */
  double mean, sd, min, max, median;
};
struct vr_moments vr_timeseries_moments(size_t n, const double *x);

/* Autocovariances at lags 0 .. MAX_LAG into RET_C (max_lag + 1 values), divided
 * by the number of finite values at every lag: the biased estimate, which
 * Levinson's recursion needs. *ret_mean and *ret_samples are those of the
 * finite values. -ENODATA, -EDOM (constant). */
int vr_timeseries_autocovariance(size_t n, const double *x, unsigned max_lag,
                                 double *ret_c, double *ret_mean,
                                 size_t *ret_samples, struct vr_error *error);

/* Autocorrelation at lags 0 .. MAX_LAG: biased estimate, pairs with a gap left
 * out. RET_R holds max_lag + 1 values. -ENODATA, -EDOM (constant). */
int vr_timeseries_autocorrelation(size_t n, const double *x, unsigned max_lag,
                                  double *ret_r, struct vr_error *error);

/* The first lag, in seconds, at which the autocorrelation of N rows of STEP
 * seconds is below 1/e; INFINITY if it is not within ten minutes or a third of
 * the rows, NAN when there is none. */
double vr_timeseries_memory_seconds(size_t n, const double *x, double step);

#endif
