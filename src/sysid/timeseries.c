/* SPDX-License-Identifier: MIT */
#include "sysid/timeseries.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { MEMORY_LAGS = 600 };

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

int vr_timeseries_autocovariance(size_t n, const double *x, unsigned max_lag,
                                 double *ret_c, double *ret_mean,
                                 size_t *ret_samples, struct vr_error *error) {
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
  int r =
      vr_timeseries_autocovariance(n, x, max_lag, c, &mean, &samples, error);
  for (unsigned k = 0; r == 0 && k <= max_lag; k++)
    ret_r[k] = c[k] / c[0];
  return r;
}

/* X less its mean, 0 in gaps; NULL where it is constant, or has no more values
 * than LAGS and one. */
static double *varying(size_t n, const double *x, unsigned lags) {
  size_t count;
  vr_auto_free double *values = finite_values(n, x, &count);
  if (!values || count <= lags + 1u)
    return NULL;
  double min, max;
  gsl_stats_minmax(&min, &max, values, 1, count);
  if (max - min <= 1e-13 * fmax(fabs(min), fabs(max)))
    return NULL;
  return centred(n, x, gsl_stats_mean(values, 1, count));
}

/* Lag by lag: most series forget long before the last one. */
double vr_timeseries_memory_seconds(size_t n, const double *x, double step) {
  unsigned lags = n / 3 < MEMORY_LAGS ? (unsigned)(n / 3) : MEMORY_LAGS;
  vr_auto_free double *values = varying(n, x, lags);
  if (!values)
    return NAN;
  double energy = vr_dot(n, values, values);
  for (unsigned k = 0; k <= lags; k++)
    if (vr_dot(n - k, values + k, values) / energy < exp(-1))
      return k * step;
  return INFINITY;
}
