/* SPDX-License-Identifier: MIT */
#include "sysid/timeseries.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"
#include "sysid/sysid_internal.h"

#include <errno.h>
#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

/* The finite values of X, in order. */
static double *finite_values(size_t n, const double *x, size_t *ret_n) {
  double *values = malloc((n + 1) * sizeof(*values));
  *ret_n = 0;
  for (size_t t = 0; values && t < n; t++)
    if (isfinite(x[t]))
      values[(*ret_n)++] = x[t];
  return values;
}

struct vr_moments vr_timeseries_moments(size_t n, const double *x) {
  struct vr_moments m = {0, NAN, NAN, NAN, NAN, NAN};
  size_t count;
  vr_auto_free double *values = finite_values(n, x, &count);
  if (!values || count == 0)
    return m;
  gsl_sort(values, 1, count);
  m.samples = count;
  m.mean = gsl_stats_mean(values, 1, count);
  m.sd = count > 1 ? gsl_stats_sd_m(values, 1, count, m.mean) : 0;
  m.min = values[0];
  m.max = values[count - 1];
  m.median = gsl_stats_median_from_sorted_data(values, 1, count);
  return m;
}

/* X less its mean, 0 in gaps: a product with a gap adds nothing. */
static double *centred(size_t n, const double *x, double mean) {
  double *values = malloc((n + 1) * sizeof(*values));
  for (size_t t = 0; values && t < n; t++)
    values[t] = isfinite(x[t]) ? x[t] - mean : 0;
  return values;
}

/* Autocovariances at lags 0 .. max_lag, divided by the number of finite values
 * at every lag: the biased estimate, which Levinson's recursion needs. */
static int autocovariance(size_t n, const double *x, unsigned max_lag,
                          double *ret_c, double *ret_mean, size_t *ret_samples,
                          struct vr_error *error) {
  struct vr_moments m = vr_timeseries_moments(n, x);
  if (m.samples <= max_lag + 1u)
    return vr_error_set(error, -ENODATA, "%zu values for lags up to %u",
                        m.samples, max_lag);
  if (m.max - m.min <= 1e-13 * fmax(fabs(m.min), fabs(m.max)))
    return vr_error_set(error, -EDOM, "the series is constant (%.6g)", m.mean);
  vr_auto_free double *values = centred(n, x, m.mean);
  if (!values)
    return vr_sysid_no_memory(error);
  for (unsigned k = 0; k <= max_lag; k++)
    ret_c[k] = vr_dot(n - k, values + k, values) / (double)m.samples;
  *ret_mean = m.mean;
  *ret_samples = m.samples;
  return 0;
}

int vr_timeseries_autocorrelation(size_t n, const double *x, unsigned max_lag,
                                  double *ret_r, struct vr_error *error) {
  double mean;
  size_t samples;
  vr_auto_free double *c = malloc((max_lag + 1u) * sizeof(*c));
  if (!c)
    return vr_sysid_no_memory(error);
  int r = autocovariance(n, x, max_lag, c, &mean, &samples, error);
  for (unsigned k = 0; r == 0 && k <= max_lag; k++)
    ret_r[k] = c[k] / c[0];
  return r;
}

void vr_timeseries_ar_clear(struct vr_ar *ar) {
  free(ar->a);
  *ar = (struct vr_ar){0};
}

/* Order M + 1 from order M; *variance goes down. The reflection coefficient is
 * returned, at least 1 in magnitude when the covariances are not those of any
 * process (gaps). */
static double levinson_step(const double *c, unsigned m, double *a,
                            double *scratch, double *variance) {
  double sum = c[m + 1];
  for (unsigned k = 1; k <= m; k++)
    sum += a[k] * c[m + 1 - k];
  double reflection = -sum / *variance;
  memcpy(scratch, a, (m + 1) * sizeof(*a));
  for (unsigned k = 1; k <= m; k++)
    a[k] = scratch[k] + reflection * scratch[m + 1 - k];
  a[m + 1] = reflection;
  *variance *= 1 - reflection * reflection;
  return reflection;
}

int vr_timeseries_ar_of_covariance(const double *c, unsigned max_order,
                                   size_t samples, struct vr_ar *ret) {
  vr_auto_free double *work =
      calloc(2 * ((size_t)max_order + 2), sizeof(*work));
  double *best = calloc(max_order + 2u, sizeof(*best));
  if (!work || !best) {
    free(best);
    return -ENOMEM;
  }
  double *a = work, variance = c[0], n = (double)samples;
  struct vr_ar ar = {.a = best, .variance = c[0], .aic = n * log(c[0])};
  a[0] = best[0] = 1;
  for (unsigned m = 0; m < max_order; m++) {
    double reflection = levinson_step(c, m, a, work + max_order + 2, &variance);
    if (!(fabs(reflection) < 1) || !(variance > 0))
      break;
    double aic = n * log(variance) + 2.0 * (m + 1);
    if (aic < ar.aic) {
      ar.aic = aic;
      ar.order = m + 1;
      ar.variance = variance;
      memcpy(best, a, (m + 2) * sizeof(*a));
    }
  }
  *ret = ar;
  return 0;
}

int vr_timeseries_ar(size_t n, const double *x, unsigned max_order,
                     struct vr_ar *ret, struct vr_error *error) {
  if (max_order > VR_ORDER_MAX)
    return vr_error_set(error, -EINVAL, "order %u is above %u", max_order,
                        VR_ORDER_MAX);
  double mean;
  size_t samples;
  vr_auto_free double *c = malloc((max_order + 1u) * sizeof(*c));
  if (!c)
    return vr_sysid_no_memory(error);
  int r = autocovariance(n, x, max_order, c, &mean, &samples, error);
  if (r < 0)
    return r;
  if (vr_timeseries_ar_of_covariance(c, max_order, samples, ret) < 0)
    return vr_sysid_no_memory(error);
  ret->mean = mean;
  return 0;
}

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
