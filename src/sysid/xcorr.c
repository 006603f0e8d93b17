/* SPDX-License-Identifier: MIT */
#include "sysid/xcorr.h"

#include "basic/cleanup.h"
#include "sysid/ar_model.h"
#include "sysid/kernels.h"
#include "sysid/sysid_errors.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Two-sided 99 % of the normal distribution. */
static const double BAND = 2.5758293035489;

void vr_xcorr_clear(struct vr_xcorr *x) {
  free(x->r);
  *x = (struct vr_xcorr){0};
}

static void whiten(const struct vr_ar *ar, size_t n, const double *from,
                   double mean, double *to) {
  for (size_t t = ar->order; t < n; t++) {
    double sum = 0;
    for (unsigned k = 0; k <= ar->order; k++)
      sum += ar->a[k] * (from[t - k] - mean);
    to[t - ar->order] = sum;
  }
}

/* Autocovariance of input I over all segments, pairs within one segment. */
static int input_ar(const struct vr_dataset *d, unsigned i, double mean,
                    unsigned max_order, struct vr_ar *ret) {
  size_t samples = vr_dataset_samples(d), longest = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    longest = d->segments[k].n > longest ? d->segments[k].n : longest;
  vr_auto_free double *c = calloc(max_order + 1u, sizeof(*c));
  vr_auto_free double *x = malloc((longest + 1) * sizeof(*x));
  if (!c || !x)
    return -ENOMEM;
  for (size_t k = 0; k < d->n_segments; k++) {
    size_t n = d->segments[k].n;
    for (size_t t = 0; t < n; t++)
      x[t] = d->segments[k].u[i][t] - mean;
    for (unsigned lag = 0; lag <= max_order && lag < n; lag++)
      c[lag] += vr_dot(n - lag, x + lag, x) / (double)samples;
  }
  return vr_timeseries_ar_of_covariance(c, max_order, samples, ret);
}

/* Fills r (not yet divided) and the sums of squares. */
static void correlate(size_t n, const double *x, const double *y,
                      unsigned max_lag, double *r) {
  for (size_t k = 0; k <= max_lag && k < n; k++) {
    r[max_lag + k] += vr_dot(n - k, y + k, x);
    if (k > 0)
      r[max_lag - k] += vr_dot(n - k, x + k, y);
  }
}

static int correlate_all(const struct vr_dataset *d, unsigned i,
                         const struct vr_ar *ar, const double *mean,
                         struct vr_xcorr *x, double *ret_xx, double *ret_yy) {
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    if (s->n <= ar->order)
      continue;
    size_t n = s->n - ar->order;
    vr_auto_free double *white = malloc(2 * n * sizeof(*white));
    if (!white)
      return -ENOMEM;
    whiten(ar, s->n, s->u[i], mean[i], white);
    whiten(ar, s->n, s->y, mean[d->nu], white + n);
    correlate(n, white, white + n, x->max_lag, x->r);
    *ret_xx += vr_dot(n, white, white);
    *ret_yy += vr_dot(n, white + n, white + n);
    x->samples += n;
  }
  return 0;
}

/* Correlations to responses, delay and peak. */
static void finish(struct vr_xcorr *x, double xx, double yy) {
  unsigned m = x->max_lag;
  double n = (double)x->samples, gain = sqrt(yy / xx);
  for (unsigned k = 0; k <= 2 * m; k++)
    x->r[k] /= sqrt(xx * yy);
  for (unsigned k = 0; k <= m; k++)
    x->response[k] = x->r[m + k] * gain;
  x->band = BAND / sqrt(n);
  x->response_band = x->band * gain;
  double all = gsl_cdf_ugaussian_Qinv(0.005 / (m + 1)) / sqrt(n);
  x->delay = -1;
  for (unsigned k = 0; k <= m && x->delay < 0; k++)
    if (fabs(x->r[m + k]) > all)
      x->delay = (int)k;
  for (unsigned k = 0; k <= 2 * m; k++)
    if (fabs(x->r[k]) > fabs(x->r_peak)) {
      x->r_peak = x->r[k];
      x->peak = (int)k - (int)m;
    }
}

static int check(const struct vr_dataset *d, unsigned i, unsigned max_lag,
                 unsigned max_order, struct vr_error *error) {
  if (i >= d->nu || max_lag > VR_ORDER_MAX || max_order > VR_ORDER_MAX)
    return vr_error_set(error, -EINVAL,
                        "input %u of %u, lags to %u, order to %u", i + 1, d->nu,
                        max_lag, max_order);
  size_t n = vr_dataset_samples(d);
  if (n < 3 * ((size_t)max_lag + max_order) || n < 10)
    return vr_error_set(error, -ENODATA,
                        "%zu samples for lags to %u and order to %u", n,
                        max_lag, max_order);
  return vr_dataset_signal_check(d, 0, error) < 0
             ? -EDOM
             : vr_dataset_signal_check(d, i + 1, error);
}

int vr_sysid_prewhitened_xcorr(const struct vr_dataset *d, unsigned i,
                               unsigned max_lag, unsigned max_order,
                               struct vr_xcorr *ret, struct vr_error *error) {
  int r = check(d, i, max_lag, max_order, error);
  if (r < 0)
    return r;
  struct vr_xcorr x = {.max_lag = max_lag};
  struct vr_ar ar;
  double xx = 0, yy = 0;
  vr_auto_free double *mean = calloc(d->nu + 1u, sizeof(*mean));
  x.r = calloc(3 * (size_t)max_lag + 2, sizeof(*x.r));
  r = mean && x.r ? 0 : -ENOMEM;
  if (r == 0) {
    x.response = x.r + 2 * max_lag + 1;
    vr_dataset_means(d, &mean[d->nu], mean);
    r = input_ar(d, i, mean[i], max_order, &ar);
  }
  if (r == 0) {
    x.ar_order = ar.order;
    r = correlate_all(d, i, &ar, mean, &x, &xx, &yy);
    vr_timeseries_ar_clear(&ar);
  }
  if (r == 0 && !(xx > 0 && yy > 0))
    r = vr_error_set(error, -EDOM, "nothing is left after prewhitening");
  if (r < 0) {
    free(x.r);
    return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
  }
  finish(&x, xx, yy);
  *ret = x;
  return 0;
}
