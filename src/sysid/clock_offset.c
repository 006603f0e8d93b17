/* SPDX-License-Identifier: MIT
 *
 * The correlation of guest(t) with (1 - f) host(t + k) + f host(t + k + 1) is
 * greatest where the blend is parallel to the least-squares regression on both,
 * so each whole k costs one 2 x 2 system instead of a search for f.
 */
#include "sysid/clock_offset.h"

#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

/* Reads g = guest(t), and h0 and h1, what the host has k and k + 1 of its steps
 * later; false where one is not known. */
static bool read_row(const struct vr_clock_rates *r, ptrdiff_t t, ptrdiff_t k,
                     double *ret) {
  ptrdiff_t at = r->first + t * (ptrdiff_t)r->ratio + k;
  if (at < 0 || at + 1 >= (ptrdiff_t)r->n_host)
    return false;
  ret[0] = r->guest[t];
  ret[1] = r->host[at];
  ret[2] = r->host[at + 1];
  return isfinite(ret[0]) && isfinite(ret[1]) && isfinite(ret[2]);
}

/* Means of g, h0 and h1, and their central moments. */
struct moments {
  double n, mean[3], gg, g0, g1, h00, h01, h11;
};

static struct moments moments_at(const struct vr_clock_rates *r, ptrdiff_t k) {
  struct moments m = {0};
  double x[3];
  for (ptrdiff_t t = 0; t < (ptrdiff_t)r->n; t++)
    if (read_row(r, t, k, x)) {
      m.n++;
      for (int i = 0; i < 3; i++)
        m.mean[i] += (x[i] - m.mean[i]) / m.n;
    }
  for (ptrdiff_t t = 0; t < (ptrdiff_t)r->n; t++)
    if (read_row(r, t, k, x)) {
      double g = x[0] - m.mean[0], h0 = x[1] - m.mean[1], h1 = x[2] - m.mean[2];
      m.gg += g * g;
      m.g0 += g * h0;
      m.g1 += g * h1;
      m.h00 += h0 * h0;
      m.h01 += h0 * h1;
      m.h11 += h1 * h1;
    }
  return m;
}

static double correlation(const struct moments *m, double f) {
  double hh =
      (1 - f) * (1 - f) * m->h00 + 2 * f * (1 - f) * m->h01 + f * f * m->h11;
  double gh = (1 - f) * m->g0 + f * m->g1;
  return hh > 0 && m->gg > 0 ? gh / sqrt(hh * m->gg) : -1;
}

/* The best blend, within LOW .. HIGH of 0 .. 1. */
static double best_blend(const struct moments *m, double low, double high) {
  double f = correlation(m, low) > correlation(m, high) ? low : high;
  double b0 = m->h11 * m->g0 - m->h01 * m->g1,
         b1 = m->h00 * m->g1 - m->h01 * m->g0, inner = b1 / (b0 + b1);
  if (inner > low && inner < high && correlation(m, inner) > correlation(m, f))
    f = inner;
  return f;
}

/* Standard error of f: the delta method on the regression's coefficients b0,
 * b1, whose covariance allows for residuals that grow with the rates, as those
 * of bursts do, and that depend on the ones before: what one interval's part
 * has too much, the next one's lacks (W. Newey, K. West, Econometrica 55,
 * 1987). */
static double blend_se(const struct vr_clock_rates *r, ptrdiff_t k,
                       const struct moments *m) {
  enum { LAGS = 16 };
  double det = m->h00 * m->h11 - m->h01 * m->h01;
  if (!(det > 0))
    return NAN;
  double b0 = (m->h11 * m->g0 - m->h01 * m->g1) / det,
         b1 = (m->h00 * m->g1 - m->h01 * m->g0) / det, s = b0 + b1;
  double d0 = -b1 / (s * s), d1 = b0 / (s * s), sum = 0, x[3];
  double past[LAGS] = {0}; /* of the row t at t modulo LAGS */
  for (ptrdiff_t t = 0; t < (ptrdiff_t)r->n; t++) {
    double part = 0; /* what the row adds to the error of f */
    if (read_row(r, t, k, x)) {
      double h0 = x[1] - m->mean[1], h1 = x[2] - m->mean[2],
             e = x[0] - m->mean[0] - b0 * h0 - b1 * h1;
      part = (d0 * (m->h11 * h0 - m->h01 * h1) +
              d1 * (m->h00 * h1 - m->h01 * h0)) /
             det * e;
    }
    sum += part * part;
    for (ptrdiff_t lag = 1; lag < LAGS && lag <= t; lag++)
      sum += 2 * (1 - (double)lag / LAGS) * part * past[(t - lag) % LAGS];
    past[t % LAGS] = part;
  }
  return sqrt(fmax(sum, 0));
}

static struct vr_clock_offset describe(const struct vr_clock_rates *rates,
                                       ptrdiff_t k, const struct moments *m,
                                       double f) {
  double r = correlation(m, f), hh = (1 - f) * (1 - f) * m->h00 +
                                     2 * f * (1 - f) * m->h01 + f * f * m->h11;
  return (struct vr_clock_offset){.offset = (double)k + f,
                                  .se = blend_se(rates, k, m),
                                  .correlation = r,
                                  .gain = r * sqrt(m->gg / hh),
                                  .samples = (size_t)m->n};
}

int vr_estimate_clock_offset_of(const struct vr_clock_rates *rates,
                                double max_offset, struct vr_clock_offset *ret,
                                struct vr_error *error) {
  enum { SAMPLES_MIN = 30 };
  if (!(max_offset >= 0 && max_offset <= VR_ORDER_MAX))
    return vr_error_set(error, -EINVAL, "largest offset %g", max_offset);
  struct moments of_best = {0};
  ptrdiff_t best_k = 0;
  double best_f = 0, best = -2, unshifted = NAN;
  size_t most = 0;
  for (ptrdiff_t k = (ptrdiff_t)floor(-max_offset); k < max_offset || k == 0;
       k++) {
    struct moments m = moments_at(rates, k);
    most = m.n > (double)most ? (size_t)m.n : most;
    if (m.n < SAMPLES_MIN || !(m.gg > 0) || !(m.h00 > 0 && m.h11 > 0))
      continue;
    double low = fmax(0, -max_offset - (double)k),
           high = fmin(1, max_offset - (double)k);
    double f = best_blend(&m, low, high);
    if (k == 0)
      unshifted = correlation(&m, 0);
    if (correlation(&m, f) > best) {
      best = correlation(&m, f);
      of_best = m;
      best_k = k;
      best_f = f;
    }
  }
  if (most < SAMPLES_MIN)
    return vr_error_set(error, -ENODATA,
                        "%zu samples that both clocks saw: %d are needed", most,
                        SAMPLES_MIN);
  if (best < -1)
    return vr_error_set(error, -EDOM, "a constant rate shows no offset");
  *ret = describe(rates, best_k, &of_best, best_f);
  ret->unshifted = unshifted;
  return 0;
}

int vr_estimate_clock_offset(size_t n, const double *host, const double *guest,
                             double max_offset, struct vr_clock_offset *ret,
                             struct vr_error *error) {
  const struct vr_clock_rates rates = {
      .n = n, .n_host = n, .guest = guest, .host = host, .ratio = 1};
  return vr_estimate_clock_offset_of(&rates, max_offset, ret, error);
}

void vr_clock_means(const double *x, size_t n, size_t ratio, double *ret) {
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    size_t known = 0;
    for (size_t k = 0; k < ratio && k <= i; k++)
      if (isfinite(x[i - k])) {
        sum += x[i - k];
        known++;
      }
    ret[i] = 2 * known >= ratio && known > 0 ? sum / (double)known : NAN;
  }
}
