/* SPDX-License-Identifier: MIT */
#include "train/evaluate/statistics.h"

#include "basic/cleanup.h"
#include "sysid/spectrum.h"
#include "sysid/stationarity.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
  SHOWN_LAGS = 120,
  MAX_ORDER = 30,
  BLOCKS = 10,
  MIN_SAMPLES = 30,
  SHORTEST_WINDOW = 16,
  LONGEST_WINDOW = 512,
};

static const double BAND = 2.5758293035489; /* two-sided 99 % */

void vr_statistics_clear(struct vr_series_statistics *c) {
  free(c->r);
  free(c->density);
  vr_timeseries_ar_clear(&c->ar);
  *c = (struct vr_series_statistics){0};
}

/* Fraction of the variance that AR has below 1/60 Hz, by summing its spectrum.
 */
static double slow_fraction(const struct vr_ar *ar, double step) {
  const int n = 4096;
  double slow = 0, all = 0;
  for (int k = 0; k < n; k++) {
    double f = (k + 0.5) * 0.5 / n, s = vr_spectrum_of_ar(ar, f);
    all += s;
    if (f / step < 1.0 / 60)
      slow += s;
  }
  return all > 0 ? slow / all : NAN;
}

static int correlate(size_t n, const double *x,
                     struct vr_series_statistics *c) {
  size_t most = c->samples / 3;
  unsigned lags = most < SHOWN_LAGS ? (unsigned)most : SHOWN_LAGS;
  c->r = calloc(lags + 1u, sizeof(*c->r));
  if (!c->r)
    return -ENOMEM;
  int r = vr_timeseries_autocorrelation(n, x, lags, c->r, NULL);
  if (r == 0) {
    c->lags = lags;
    c->band = BAND / sqrt((double)c->samples);
  }
  return r == -ENOMEM ? r : 0;
}

static int regress(size_t n, const double *x, double step,
                   struct vr_series_statistics *c) {
  size_t most = c->samples / 10;
  int r = vr_timeseries_ar(n, x, most < MAX_ORDER ? (unsigned)most : MAX_ORDER,
                           &c->ar, NULL);
  if (r == 0) {
    c->ar_explains = 1 - c->ar.variance / (c->sd * c->sd);
    c->slow = slow_fraction(&c->ar, step);
  }
  return r == -ENOMEM ? r : 0;
}

/* Windows as long as eight or more of them fit, or shorter where gaps are. */
static int transform(size_t n, const double *x, double step,
                     struct vr_series_statistics *c) {
  unsigned length = LONGEST_WINDOW;
  while (length > SHORTEST_WINDOW && length > n / 8)
    length /= 2;
  c->density = calloc(length / 2 + 1, sizeof(*c->density));
  if (!c->density)
    return -ENOMEM;
  int r = -ENODATA;
  for (; r == -ENODATA && length >= SHORTEST_WINDOW; length /= 2) {
    r = vr_spectrum_of_series(n, x, length, c->density, &c->windows, NULL);
    c->n_density = r == 0 ? length / 2 + 1 : 0;
    c->frequency = 1 / (length * step);
  }
  for (size_t k = 0; k < c->n_density; k++)
    c->density[k] *= step;
  return r == -ENOMEM ? r : 0;
}

int vr_statistics_of(size_t n, const double *x, double step,
                     struct vr_series_statistics *ret) {
  struct vr_moments m = vr_timeseries_moments(n, x);
  struct vr_series_statistics c = {.samples = m.samples,
                                   .mean = m.mean,
                                   .sd = m.sd,
                                   .min = m.min,
                                   .max = m.max,
                                   .memory = NAN,
                                   .ar_explains = NAN,
                                   .slow = NAN,
                                   .hurst = {.h = NAN, .se = NAN},
                                   .drift = NAN,
                                   .drift_p = NAN};
  struct vr_hurst h;
  struct vr_stationarity s;
  int r = 0;
  if (m.samples >= MIN_SAMPLES && m.sd > 0) {
    c.memory = vr_timeseries_memory_seconds(n, x, step);
    r = correlate(n, x, &c);
    if (r == 0)
      r = regress(n, x, step, &c);
    if (r == 0)
      r = transform(n, x, step, &c);
    if (r == 0 && vr_timeseries_hurst(n, x, &h, NULL) == 0)
      c.hurst = h;
    if (r == 0 && vr_timeseries_stationarity(n, x, BLOCKS, &s, NULL) == 0) {
      c.drift = s.mean_spread;
      c.drift_p = s.p_mean;
    }
  }
  if (r < 0)
    vr_statistics_clear(&c);
  else
    *ret = c;
  return r;
}
