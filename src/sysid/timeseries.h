/* SPDX-License-Identifier: MIT
 *
 * Characterisation of one series: moments, autocorrelation, autoregressive
 * model, spectrum, self-similarity, stationarity. Series are plain arrays on a
 * regular grid; values that are not finite are gaps.
 */
#ifndef VR_SYSID_TIMESERIES_H
#define VR_SYSID_TIMESERIES_H

#include "sysid/dataset.h"

#include <stdbool.h>

struct vr_moments {
  size_t samples; /* finite ones */
  double mean, sd, min, max, median;
};
struct vr_moments vr_timeseries_moments(size_t n, const double *x);

/* Autocorrelation at lags 0 .. MAX_LAG: biased estimate, pairs with a gap left
 * out. RET_R holds max_lag + 1 values. -ENODATA, -EDOM (constant). */
int vr_timeseries_autocorrelation(size_t n, const double *x, unsigned max_lag,
                                  double *ret_r, struct vr_error *error);

struct vr_ar {
  unsigned order;
  double *a;       /* order + 1, a[0] = 1: x(t) + a_1 x(t-1) + ... = e(t) */
  double variance; /* of e */
  double mean;     /* of x, subtracted before */
  double aic;
};
void vr_timeseries_ar_clear(struct vr_ar *ar);

/* Autoregressive model by Levinson-Durbin on the autocovariance, order of least
 * AIC in 0 .. MAX_ORDER. */
int vr_timeseries_ar(size_t n, const double *x, unsigned max_order,
                     struct vr_ar *ret, struct vr_error *error);

/* Its spectral density at F cycles per sample (0 .. 0.5), such that the
 * integral over -0.5 .. 0.5 is the variance. */
double vr_spectrum_of_ar(const struct vr_ar *ar, double f);

/* Welch's periodogram: Hann windows of LENGTH samples (a power of two), half
 * overlapped, segments with gaps left out; one-sided density at k / LENGTH, k =
 * 0 .. LENGTH / 2. *ret_windows (may be NULL): how many were averaged. */
int vr_spectrum_of_series(size_t n, const double *x, unsigned length,
                          double *ret_density, size_t *ret_windows,
                          struct vr_error *error);

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
