/* SPDX-License-Identifier: MIT
 *
 * The statistics of one series.
 */
#ifndef VR_TRAIN_EVALUATE_STATISTICS_H
#define VR_TRAIN_EVALUATE_STATISTICS_H

#include "sysid/ar_model.h"
#include "sysid/long_memory.h"

struct vr_series_statistics {
  size_t samples;
  double mean, sd, min, max;
  double memory;      /* seconds until the autocorrelation falls below 1/e */
  unsigned lags;      /* highest in R; 0: none */
  double *r;          /* autocorrelation at lags 0 .. LAGS */
  double band;        /* |r| of white noise stays below with 99 % */
  struct vr_ar ar;    /* of least AIC; a is NULL when there is none */
  double ar_explains; /* fraction of the variance, 0 .. 1 */
  double slow;      /* fraction of the variance below 1/60 Hz, by that model */
  size_t n_density; /* frequencies of the spectrum; 0: none */
  double frequency; /* their distance in Hz; the first is 0 */
  double *density;  /* one-sided, per Hz: their sum times FREQUENCY is the
                       variance */
  size_t windows;   /* that it is averaged over */
  struct vr_hurst hurst; /* h is NAN when there is none */
  double drift;          /* spread of block means over the standard deviation */
  double drift_p;
};
void vr_statistics_clear(struct vr_series_statistics *c);

/* Describes N rows of STEP seconds. What there are too few rows for, or too
 * many gaps in, is left out, and of a constant series all but the moments.
 * Returns 0 or -ENOMEM. */
int vr_statistics_of(size_t n, const double *x, double step,
                     struct vr_series_statistics *ret);

#endif
