/* SPDX-License-Identifier: MIT
 *
 * Long memory: the Hurst parameter.
 */
#include "sysid/long_memory.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_fft_real.h>
#include <math.h>
#include <string.h>

/* The longest stretch of finite values. */
static const double *longest_stretch(size_t n, const double *x, size_t *ret_n) {
  const double *best = x;
  size_t begin = 0;
  *ret_n = 0;
  for (size_t t = 0; t <= n; t++) {
    if (t < n && isfinite(x[t]))
      continue;
    if (t - begin > *ret_n) {
      *ret_n = t - begin;
      best = x + begin;
    }
    begin = t + 1;
  }
  return best;
}

/* The largest number up to N with no prime factor above 5: its transform is
 * fast. */
static size_t smooth(size_t n) {
  for (;; n--) {
    size_t rest = n;
    for (unsigned p = 2; p <= 5; p += p == 2 ? 1 : 2)
      while (rest % p == 0)
        rest /= p;
    if (rest == 1)
      return n;
  }
}

/* Periodogram at frequencies j / N, j = 1 .. M, to a factor. */
static int periodogram(size_t n, const double *x, size_t m, double *ret_i) {
  vr_auto_free double *copy = malloc(n * sizeof(*copy));
  gsl_fft_real_wavetable *table = gsl_fft_real_wavetable_alloc(n);
  gsl_fft_real_workspace *work = gsl_fft_real_workspace_alloc(n);
  int r = copy && table && work ? 0 : -ENOMEM;
  if (r == 0) {
    double mean = vr_timeseries_moments(n, x).mean;
    for (size_t t = 0; t < n; t++)
      copy[t] = x[t] - mean;
    if (gsl_fft_real_transform(copy, 1, n, table, work) != GSL_SUCCESS)
      r = -EDOM;
    /* Real and imaginary parts side by side after the mean. */
    for (size_t j = 1; r == 0 && j <= m; j++)
      ret_i[j - 1] = pow(copy[2 * j - 1], 2) + pow(copy[2 * j], 2);
  }
  if (table)
    gsl_fft_real_wavetable_free(table);
  if (work)
    gsl_fft_real_workspace_free(work);
  return r;
}

/* Robinson's objective for memory D = H - 1/2; frequencies as their numbers,
 * which adds only a constant. */
static double whittle(double d, size_t m, const double *i) {
  double g = 0, logs = 0;
  for (size_t j = 1; j <= m; j++) {
    g += pow((double)j, 2 * d) * i[j - 1];
    logs += log((double)j);
  }
  return log(g / (double)m) - 2 * d * logs / (double)m;
}

static const double LEAST_D = -0.499, GREATEST_D = 0.999;

static double least_whittle(size_t m, const double *i) {
  double a = LEAST_D, b = GREATEST_D, golden = 0.6180339887498949;
  for (int k = 0; k < 40; k++) {
    double x = b - golden * (b - a), y = a + golden * (b - a);
    if (whittle(x, m, i) < whittle(y, m, i))
      b = y;
    else
      a = x;
  }
  return (a + b) / 2;
}

/* Variance of the means of blocks of SIZE. */
static double variance_of_means(size_t n, const double *x, size_t size) {
  size_t blocks = n / size;
  double sum = 0, squares = 0;
  for (size_t b = 0; b < blocks; b++) {
    double mean = 0;
    for (size_t t = b * size; t < (b + 1) * size; t++)
      mean += x[t] / (double)size;
    double delta = mean - sum;
    sum += delta / (double)(b + 1);
    squares += delta * (mean - sum);
  }
  return squares / (double)(blocks - 1);
}

/* Slope of log variance over log block size is 2 H - 2. */
static double variance_time(size_t n, const double *x) {
  double k = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (double size = 5; size <= (double)n / 10; size *= 1.5) {
    double lx = log(floor(size)),
           ly = log(variance_of_means(n, x, (size_t)size));
    if (!isfinite(ly))
      return NAN;
    k++;
    sx += lx;
    sy += ly;
    sxx += lx * lx;
    sxy += lx * ly;
  }
  return 1 + (k * sxy - sx * sy) / (k * sxx - sx * sx) / 2;
}

int vr_timeseries_hurst(size_t n, const double *x, struct vr_hurst *ret,
                        struct vr_error *error) {
  vr_sysid_quiet_gsl();
  size_t length;
  x = longest_stretch(n, x, &length);
  if (length < 128)
    return vr_error_set(error, -ENODATA,
                        "%zu values without a gap: 128 are needed", length);
  struct vr_moments moments = vr_timeseries_moments(length, x);
  if (!(moments.sd > 1e-13 * fabs(moments.mean)))
    return vr_error_set(error, -EDOM, "the series is constant (%.6g)",
                        moments.mean);
  length = smooth(length);
  size_t m = (size_t)pow((double)length, 0.65);
  vr_auto_free double *i = malloc(m * sizeof(*i));
  int r = i ? periodogram(length, x, m, i) : -ENOMEM;
  if (r < 0)
    return vr_sysid_no_memory(error);
  double d = least_whittle(m, i);
  *ret = (struct vr_hurst){.h = d + 0.5,
                           .at_bound = fmin(d - LEAST_D, GREATEST_D - d) < 1e-3,
                           .se = 0.5 / sqrt((double)m),
                           .h_variance = variance_time(length, x),
                           .samples = length};
  return 0;
}
