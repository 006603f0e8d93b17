/* SPDX-License-Identifier: MIT */
#include "sysid/stationarity.h"

#include "basic/cleanup.h"
#include "sysid/spectrum.h"
#include "sysid/sysid_errors.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

/* Mean of the finite values from X[0] to X[N-1], and how many they are. */
static double block_mean(size_t n, const double *x, size_t *ret_n) {
  double sum = 0;
  *ret_n = 0;
  for (size_t t = 0; t < n; t++)
    if (isfinite(x[t])) {
      sum += x[t];
      (*ret_n)++;
    }
  return sum / (double)*ret_n;
}

/* Variance of a long mean of the process, times its length: from an AR model
 * of what the series does within the blocks, so that a drift from block to
 * block does not pass for slow noise. */
static int long_run_variance(size_t n, const double *x, unsigned blocks,
                             double *ret, struct vr_error *error) {
  vr_auto_free double *within = malloc(n * sizeof(*within));
  if (!within)
    return vr_sysid_no_memory(error);
  for (unsigned b = 0; b < blocks; b++) {
    size_t from = n * b / blocks, to = n * (b + 1) / blocks, count;
    double mean = block_mean(to - from, x + from, &count);
    for (size_t t = from; t < to; t++)
      within[t] = x[t] - mean;
  }
  struct vr_ar ar;
  size_t length = n / blocks;
  int r = vr_timeseries_ar(
      n, within, length / 4 < 30 ? (unsigned)length / 4 : 30, &ar, error);
  if (r < 0)
    return r;
  *ret = vr_spectrum_of_ar(&ar, 0);
  vr_timeseries_ar_clear(&ar);
  return 0;
}

int vr_timeseries_stationarity(size_t n, const double *x, unsigned blocks,
                               struct vr_stationarity *ret,
                               struct vr_error *error) {
  struct vr_moments all = vr_timeseries_moments(n, x);
  if (blocks < 2 || all.samples < 10 * (size_t)blocks)
    return vr_error_set(error, blocks < 2 ? -EINVAL : -ENODATA,
                        "%zu values for %u blocks", all.samples, blocks);
  double s0 = 0, q = 0, spread = 0, low = INFINITY, high = 0;
  int r = long_run_variance(n, x, blocks, &s0, error);
  if (r == -EDOM && all.max > all.min)
    s0 = DBL_MIN; /* steps only: any spread of the means is drift */
  else if (r < 0)
    return r;
  unsigned used = 0;
  for (unsigned b = 0; b < blocks; b++) {
    size_t from = n * b / blocks, to = n * (b + 1) / blocks, count;
    double mean = block_mean(to - from, x + from, &count);
    if (count < 2)
      continue;
    double sd = vr_timeseries_moments(to - from, x + from).sd;
    q += (double)count * pow(mean - all.mean, 2) / s0;
    spread += pow(mean - all.mean, 2);
    low = fmin(low, sd);
    high = fmax(high, sd);
    used++;
  }
  if (used < 2)
    return vr_error_set(error, -ENODATA, "%u blocks with values", used);
  *ret = (struct vr_stationarity){
      .blocks = used,
      .mean_spread = sqrt(spread / used) / all.sd,
      .sd_ratio = high / low,
      .p_mean = isfinite(q) ? gsl_cdf_chisq_Q(q, used - 1.0) : 0};
  return 0;
}
