/* SPDX-License-Identifier: MIT */
#include "sysid/simulate.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "sysid/kernels.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static size_t unscored(const struct vr_arx *arx, enum vr_initial initial,
                       size_t n) {
  size_t lag = initial == VR_INITIAL_MEASURED ? vr_arx_largest_lag(arx) : 0;
  return lag < n ? lag : n;
}

/* The state of a free run whose next step is sample T: the measured past, 0
 * before the first sample. */
static int start_at(const struct vr_arx *arx, const struct vr_segment *s,
                    size_t t, struct vr_arx_state *state) {
  vr_auto_free double *past = calloc(vr_arx_state_size(arx) + 1, sizeof(*past));
  if (!past)
    return -ENOMEM;
  double *to = past;
  for (size_t k = arx->na; k > 0; k--)
    *to++ = k <= t ? s->y[t - k] : 0;
  for (unsigned i = 0; i < arx->nu; i++)
    for (size_t k = arx->inputs[i].nb + arx->inputs[i].nk; k > 0; k--)
      *to++ = k <= t ? s->u[i][t - k] : 0;
  vr_arx_state_import(state, past);
  return 0;
}

int vr_simulate(const struct vr_arx *arx, const struct vr_segment *s,
                enum vr_initial initial, double *ret_yhat) {
  size_t first = unscored(arx, initial, s->n);
  struct vr_arx_state *state = vr_arx_state_new(arx);
  vr_auto_free double *now = calloc(arx->nu + 1, sizeof(*now));
  int r = state && now ? 0 : -ENOMEM;
  if (r == 0 && first > 0)
    r = start_at(arx, s, first, state);
  if (r == 0) {
    memcpy(ret_yhat, s->y, first * sizeof(*ret_yhat));
    for (size_t t = first; t < s->n; t++) {
      for (unsigned i = 0; i < arx->nu; i++)
        now[i] = s->u[i][t];
      ret_yhat[t] = vr_arx_step(arx, state, now);
    }
  }
  vr_arx_state_free(state);
  return r;
}

/* Sum of the filtered inputs at samples first .. n-1; before sample 0 inputs
 * are 0. */
static void forced(const struct vr_arx *arx, const struct vr_segment *s,
                   size_t first, double *out) {
  memset(out + first, 0, (s->n - first) * sizeof(*out));
  for (unsigned i = 0; i < arx->nu; i++) {
    const struct vr_arx_input *in = &arx->inputs[i];
    size_t whole = in->nk + in->nb - 1; /* all taps within the data from here */
    for (size_t t = first; t < whole && t < s->n; t++)
      for (size_t k = in->nk; k < in->nk + in->nb && k <= t; k++)
        out[t] += in->b[k - in->nk] * s->u[i][t - k];
    size_t t = whole > first ? whole : first;
    if (t < s->n)
      vr_sysid_fir_add(s->n - t, in->b, in->nb, s->u[i] + t - in->nk, out + t);
  }
}

void vr_simulate_fast(const struct vr_arx *arx, const struct vr_segment *s,
                      enum vr_initial initial, double *ret_yhat) {
  size_t first = unscored(arx, initial, s->n);
  memcpy(ret_yhat, s->y, first * sizeof(*ret_yhat));
  forced(arx, s, first, ret_yhat);
  if (arx->na > 0)
    vr_sysid_ar_filter(arx->na, arx->a, first, s->n, ret_yhat);
}

void vr_simulate_predict(const struct vr_arx *arx, const struct vr_segment *s,
                         double *ret_yhat) {
  size_t first = unscored(arx, VR_INITIAL_MEASURED, s->n);
  memcpy(ret_yhat, s->y, first * sizeof(*ret_yhat));
  forced(arx, s, first, ret_yhat);
  for (size_t t = first; t < s->n; t++) {
    double past = 0;
    for (unsigned k = 1; k <= arx->na; k++)
      past += arx->a[k] * s->y[t - k];
    ret_yhat[t] -= past;
  }
}

/* --- scores --- */

/* Sums over the scored samples, gone through twice: for the mean, then for the
 * deviations from it. */
struct sums {
  size_t n;
  double mean, total, squared, error;
};

static struct vr_score score_of(const struct sums *s) {
  struct vr_score score = {.fit = NAN, .rmse = NAN, .bias = NAN};
  score.samples = s->n;
  if (s->n == 0)
    return score;
  score.rmse = sqrt(s->squared / (double)s->n);
  score.bias = s->error / (double)s->n;
  /* A sum that is not a number comes of a run that is not finite, too. */
  score.fit = vr_model_fit_percent(isfinite(s->squared) ? s->squared : INFINITY,
                                   s->total);
  return score;
}

static void add_errors(struct sums *s, size_t n, const double *y,
                       const double *yhat) {
  for (size_t t = 0; t < n; t++) {
    double e = yhat[t] - y[t], d = y[t] - s->mean;
    s->squared += e * e;
    s->error += e;
    s->total += d * d;
  }
}

/* What to run over a segment: the free run by vr_arx_step, the fast one, or
 * the one-step prediction. */
enum run { RUN_FREE, RUN_FAST, RUN_ONE_STEP };

static int run_segment(const struct vr_arx *arx, const struct vr_segment *s,
                       enum run run, enum vr_initial initial, double *yhat) {
  if (run == RUN_FREE)
    return vr_simulate(arx, s, initial, yhat);
  if (run == RUN_FAST)
    vr_simulate_fast(arx, s, initial, yhat);
  else
    vr_simulate_predict(arx, s, yhat);
  return 0;
}

static size_t longest(const struct vr_dataset *d) {
  size_t n = 1;
  for (size_t k = 0; k < d->n_segments; k++)
    n = d->segments[k].n > n ? d->segments[k].n : n;
  return n;
}

static int score(const struct vr_arx *arx, const struct vr_dataset *d,
                 enum run run, enum vr_initial initial, struct vr_score *ret) {
  if (arx->nu != d->nu)
    return -EINVAL;
  vr_auto_free double *yhat = malloc(longest(d) * sizeof(*yhat));
  if (!yhat)
    return -ENOMEM;
  struct sums sums = {0};
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    size_t first = unscored(arx, initial, s->n);
    sums.n += s->n - first;
    for (size_t t = first; t < s->n; t++)
      sums.mean += s->y[t];
  }
  sums.mean /= sums.n > 0 ? (double)sums.n : 1;
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    size_t first = unscored(arx, initial, s->n);
    int r = run_segment(arx, s, run, initial, yhat);
    if (r < 0)
      return r;
    add_errors(&sums, s->n - first, s->y + first, yhat + first);
  }
  *ret = score_of(&sums);
  return 0;
}

int vr_simulate_score_free_run(const struct vr_arx *arx,
                               const struct vr_dataset *d,
                               enum vr_initial initial, struct vr_score *ret) {
  return score(arx, d, RUN_FREE, initial, ret);
}

int vr_simulate_score_free_run_fast(const struct vr_arx *arx,
                                    const struct vr_dataset *d,
                                    enum vr_initial initial,
                                    struct vr_score *ret) {
  return score(arx, d, RUN_FAST, initial, ret);
}

int vr_simulate_score_one_step(const struct vr_arx *arx,
                               const struct vr_dataset *d,
                               struct vr_score *ret) {
  return score(arx, d, RUN_ONE_STEP, VR_INITIAL_MEASURED, ret);
}

struct vr_score vr_simulate_score_values(size_t n, const double *y,
                                         const double *yhat) {
  struct sums s = {0};
  for (size_t t = 0; t < n; t++)
    if (isfinite(y[t]) && isfinite(yhat[t])) {
      s.mean += y[t];
      s.n++;
    }
  s.mean /= s.n > 0 ? (double)s.n : 1;
  for (size_t t = 0; t < n; t++)
    if (isfinite(y[t]) && isfinite(yhat[t]))
      add_errors(&s, 1, y + t, yhat + t);
  return score_of(&s);
}

int vr_simulate_residuals(const struct vr_arx *arx, const struct vr_dataset *d,
                          bool free_run, enum vr_initial initial,
                          double **ret_e, size_t *ret_n) {
  if (arx->nu != d->nu)
    return -EINVAL;
  vr_auto_free double *yhat = malloc(longest(d) * sizeof(*yhat));
  double *e = malloc((vr_dataset_samples(d) + 1) * sizeof(*e));
  int r = yhat && e ? 0 : -ENOMEM;
  size_t n = 0;
  if (!free_run)
    initial = VR_INITIAL_MEASURED;
  for (size_t k = 0; r == 0 && k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    r = run_segment(arx, s, free_run ? RUN_FREE : RUN_ONE_STEP, initial, yhat);
    for (size_t t = unscored(arx, initial, s->n); r == 0 && t < s->n; t++)
      e[n++] = s->y[t] - yhat[t];
  }
  if (r < 0) {
    free(e);
    return r;
  }
  *ret_e = e;
  *ret_n = n;
  return 0;
}
