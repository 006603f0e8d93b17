/* SPDX-License-Identifier: MIT */
#include "sysid/residual.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"
#include "sysid/simulate.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

static const double BAND = 2.5758293035489; /* two-sided 99 % */

void vr_residual_test_clear(struct vr_residual_test *t) {
  free(t->r_e);
  free(t->outside_u);
  *t = (struct vr_residual_test){0};
}

/* One-step residuals of a segment stand in E[first .. n-1]. */
struct sums {
  unsigned max_lag, nu;
  double *ee;   /* max_lag + 1 */
  double *eu;   /* nu x (max_lag + 1) */
  double *uu;   /* nu x (max_lag + 1) */
  double *mean; /* nu */
  size_t samples;
};

static void add_segment(struct sums *s, const struct vr_arx *arx,
                        const struct vr_segment *segment, double *e,
                        double *u) {
  size_t n = segment->n, first = vr_arx_largest_lag(arx);
  if (n <= first)
    return;
  vr_simulate_predict(arx, segment, e);
  for (size_t t = first; t < n; t++)
    e[t] = segment->y[t] - e[t];
  size_t m = n - first;
  for (size_t k = 0; k <= s->max_lag && k < m; k++)
    s->ee[k] += vr_dot(m - k, e + first + k, e + first);
  for (unsigned i = 0; i < s->nu; i++) {
    double *eu = s->eu + i * (s->max_lag + 1), *uu = s->uu + (eu - s->eu);
    for (size_t t = 0; t < n; t++)
      u[t] = segment->u[i][t] - s->mean[i];
    for (size_t k = 0; k <= s->max_lag && k < m; k++) {
      eu[k] += vr_dot(m - k, e + first + k, u + first);
      uu[k] += vr_dot(m - k, u + first + k, u + first);
    }
  }
  s->samples += m;
}

/* Sums to correlations, bands and counts. */
static void finish(const struct sums *s, const struct vr_arx *arx,
                   struct vr_residual_test *t) {
  unsigned m = s->max_lag;
  double n = (double)s->samples, box = 0;
  t->samples = s->samples;
  t->band = BAND / sqrt(n);
  for (unsigned k = 0; k <= m; k++) {
    t->r_e[k] = s->ee[k] / s->ee[0];
    if (k == 0)
      continue;
    t->outside += fabs(t->r_e[k]) > t->band;
    box += t->r_e[k] * t->r_e[k] / (n - k);
  }
  double freedom = m > arx->na ? m - arx->na : 1;
  t->p_white = gsl_cdf_chisq_Q(n * (n + 2) * box, freedom);
  for (unsigned i = 0; i < s->nu; i++) {
    const double *eu = s->eu + i * (m + 1), *uu = s->uu + i * (m + 1);
    double *r = t->r_eu + i * (m + 1), spread = 1;
    for (unsigned k = 1; k <= m; k++)
      spread += 2 * t->r_e[k] * uu[k] / uu[0];
    t->band_u[i] = BAND * sqrt(fmax(spread, 0.1) / n);
    for (unsigned k = 0; k <= m; k++) {
      r[k] = eu[k] / sqrt(s->ee[0] * uu[0]);
      t->outside_u[i] += fabs(r[k]) > t->band_u[i];
    }
  }
}

static int allocate(struct sums *s, struct vr_residual_test *t) {
  size_t lags = (size_t)s->max_lag + 1, nu = s->nu;
  s->ee = calloc(lags * (1 + 2 * nu) + nu, sizeof(double));
  t->r_e = calloc(lags * (1 + nu) + nu, sizeof(double));
  t->outside_u = calloc(nu + 1, sizeof(*t->outside_u));
  if (!s->ee || !t->r_e || !t->outside_u)
    return -ENOMEM;
  s->eu = s->ee + lags;
  s->uu = s->eu + nu * lags;
  s->mean = s->uu + nu * lags;
  t->r_eu = t->r_e + lags;
  t->band_u = t->r_eu + nu * lags;
  return 0;
}

static int add_all(struct sums *s, const struct vr_arx *arx,
                   const struct vr_dataset *d) {
  size_t longest = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    longest = d->segments[k].n > longest ? d->segments[k].n : longest;
  vr_auto_free double *work = malloc((2 * longest + 1) * sizeof(*work));
  if (!work)
    return -ENOMEM;
  double y;
  if (longest > 0)
    vr_dataset_means(d, &y, s->mean);
  for (size_t k = 0; k < d->n_segments; k++)
    add_segment(s, arx, &d->segments[k], work, work + longest);
  return 0;
}

int vr_sysid_test_residuals(const struct vr_arx *arx,
                            const struct vr_dataset *d, unsigned max_lag,
                            struct vr_residual_test *ret,
                            struct vr_error *error) {
  if (arx->nu != d->nu || max_lag < 1 || max_lag > VR_ORDER_MAX)
    return vr_error_set(error, -EINVAL,
                        "a model of %u inputs on data of %u, lags to %u",
                        arx->nu, d->nu, max_lag);
  struct vr_residual_test t = {.max_lag = max_lag};
  struct sums s = {.max_lag = max_lag, .nu = d->nu};
  int r = allocate(&s, &t);
  if (r == 0)
    r = add_all(&s, arx, d);
  if (r == 0 && s.samples <= 2 * (size_t)max_lag)
    r = vr_error_set(error, -ENODATA, "%zu residuals for lags to %u", s.samples,
                     max_lag);
  if (r == 0 && !(s.ee[0] > 0))
    r = vr_error_set(error, -EDOM, "all residuals are 0");
  for (unsigned i = 0; r == 0 && i < d->nu; i++)
    if (!(s.uu[(size_t)i * (max_lag + 1)] > 0))
      r = vr_error_set(error, -EDOM, "input %u is constant", i + 1);
  if (r == 0) {
    finish(&s, arx, &t);
    *ret = t;
  } else {
    vr_residual_test_clear(&t);
  }
  free(s.ee);
  return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
}
