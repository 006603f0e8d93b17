/* SPDX-License-Identifier: MIT */
#include "train/evaluate/diagnosis.h"

#include "basic/cleanup.h"
#include "sysid/poles.h"
#include "train/evaluate/cross_covariance.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESIDUAL_LAGS = 25, DELAY_LAGS = 60, WHITENING_ORDER = 30 };

void vr_diagnosis_clear(struct vr_diagnosis *x) {
  for (unsigned i = 0; i < x->n_inputs; i++) {
    if (x->inputs[i].has_delay)
      vr_xcorr_clear(&x->inputs[i].delay);
    free(x->inputs[i].covariance);
    free(x->inputs[i].zeros);
  }
  free(x->inputs);
  free(x->poles);
  if (x->has_residuals)
    vr_residual_test_clear(&x->residuals);
  *x = (struct vr_diagnosis){0};
}

/* Is IN what source S gives? */
static bool is_source(const struct vr_model_input *in,
                      const struct vr_source *s) {
  if (in->n_busy != s->n_busy || in->transform != s->transform)
    return false;
  for (size_t i = 0; i < in->n_signals; i++)
    if (i == VR_SOURCE_SIGNALS || !s->signals[i] ||
        strcmp(s->signals[i], in->signals[i]) != 0)
      return false;
  return in->n_signals == VR_SOURCE_SIGNALS || !s->signals[in->n_signals];
}

static const char *name_of(const struct vr_model_input *in) {
  for (size_t s = 0; s < vr_sources_count; s++)
    if (is_source(in, &vr_sources[s]))
      return vr_sources[s].name;
  return in->signals[0];
}

/* The model's inputs, one column each, to U. */
static int read_inputs(const struct vr_guest_data *d, const struct vr_model *m,
                       double *storage, const double **u) {
  for (size_t i = 0; i < m->n_inputs; i++) {
    double *to = storage + i * d->grid.rows;
    int r = vr_data_guest_input(d, &m->inputs[i], to);
    if (r < 0)
      return r;
    u[i] = to;
  }
  return 0;
}

/* Poles, and the zeros of every input. */
static int find_roots(const struct vr_model *m, struct vr_diagnosis *x) {
  x->poles = calloc(m->arx.na + 1, sizeof(*x->poles));
  if (!x->poles)
    return -ENOMEM;
  if (vr_poles_of_arx(&m->arx, x->poles) == 0)
    x->n_poles = m->arx.na;
  for (unsigned i = 0; i < x->n_inputs; i++) {
    struct vr_diagnosis_input *in = &x->inputs[i];
    in->zeros = calloc(m->arx.inputs[i].nb + 1, sizeof(*in->zeros));
    if (!in->zeros)
      return -ENOMEM;
    if (vr_poles_zeros_of_arx(&m->arx, i, in->zeros, &in->n_zeros) < 0)
      in->n_zeros = 0;
  }
  return 0;
}

static int find_covariance(size_t rows, const double *y, const double *u,
                           struct vr_diagnosis_input *in) {
  in->covariance = calloc(2 * DELAY_LAGS + 1, sizeof(*in->covariance));
  if (!in->covariance)
    return -ENOMEM;
  vr_cross_covariance(rows, u, y, DELAY_LAGS, in->covariance,
                      &in->covariance_scale);
  return 0;
}

/* When each of the inputs U is seen in Y. */
static int find_delays(size_t rows, const double *y, const double *const *u,
                       struct vr_diagnosis *x) {
  for (unsigned i = 0; i < x->n_inputs; i++) {
    vr_cleanup(vr_dataset_clear) struct vr_dataset set = {0};
    int r =
        vr_dataset_split(rows, y, 1, &u[i], 2 * WHITENING_ORDER, &set, NULL);
    if (r == 0)
      r = vr_sysid_prewhitened_xcorr(&set, 0, DELAY_LAGS, WHITENING_ORDER,
                                     &x->inputs[i].delay, NULL);
    if (r == -ENOMEM)
      return r;
    x->inputs[i].has_delay = r == 0;
    if (r == 0 && find_covariance(rows, y, u[i], &x->inputs[i]) < 0)
      return -ENOMEM;
  }
  return 0;
}

/* The residuals E, made free of their mean, against themselves and U. They were
 * not estimated on, so the test is that of a model without parameters. */
static int test_residuals(size_t rows, double *e, const double *const *u,
                          struct vr_diagnosis *x) {
  double zero = 0, mean = 0;
  vr_auto_free struct vr_arx_input *none =
      calloc(x->n_inputs + 1, sizeof(*none));
  vr_cleanup(vr_dataset_clear) struct vr_dataset set = {0};
  if (!none)
    return -ENOMEM;
  for (unsigned i = 0; i < x->n_inputs; i++)
    none[i] = (struct vr_arx_input){.nb = 1, .b = &zero};
  const struct vr_arx nothing = {.nu = x->n_inputs, .inputs = none};
  int r = vr_dataset_split(rows, e, x->n_inputs, u, 2, &set, NULL);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  vr_auto_free double *means = calloc(x->n_inputs + 1, sizeof(*means));
  if (!means)
    return -ENOMEM;
  vr_dataset_means(&set, &mean, means);
  for (size_t t = 0; t < rows; t++)
    e[t] -= mean;
  r = vr_sysid_test_residuals(&nothing, &set, RESIDUAL_LAGS, &x->residuals,
                              NULL);
  x->has_residuals = r == 0;
  return r == -ENOMEM ? r : 0;
}

int vr_evaluate_diagnose(const struct vr_guest_data *d,
                         const struct vr_model *m, const double *predicted,
                         const unsigned char *used, struct vr_diagnosis *ret) {
  size_t rows = d->grid.rows, n = m->n_inputs;
  struct vr_diagnosis x = {0};
  vr_auto_free double *columns = calloc((n + 2) * rows + 1, sizeof(*columns));
  vr_auto_free const double **u = calloc(n + 1, sizeof(*u));
  double *y = columns, *e = columns + rows;
  x.inputs = calloc(n + 1, sizeof(*x.inputs));
  int r = columns && u && x.inputs ? 0 : -ENOMEM;
  if (r == 0)
    r = read_inputs(d, m, columns + 2 * rows, u);
  if (r == 0) {
    x.n_inputs = (unsigned)n;
    for (unsigned i = 0; i < n; i++)
      x.inputs[i].name = name_of(&m->inputs[i]);
    for (size_t t = 0; t < rows; t++) {
      y[t] = used[t] ? d->y[m->counter][t] : NAN;
      e[t] = y[t] - predicted[t];
    }
    r = find_roots(m, &x);
  }
  if (r == 0)
    r = find_delays(rows, y, u, &x);
  if (r == 0 && n > 0)
    r = test_residuals(rows, e, u, &x);
  if (r == 0)
    *ret = x;
  else
    vr_diagnosis_clear(&x);
  return r == -ENOMEM ? r : 0;
}
