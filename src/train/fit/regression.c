/* SPDX-License-Identifier: MIT */
#include "train/fit/regression.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <string.h>

/* Relative to each regressor's own variance. */
#define RIDGE 1e-3

struct vr_regression vr_regression_of(const struct vr_features *f, size_t c) {
  return (struct vr_regression){.f = f, .c = c, .y = vr_feature_output(f, c)};
}

double vr_regression_inner(const struct vr_regression *p, unsigned pole,
                           unsigned folds, size_t i, size_t j) {
  return vr_feature_inner(p->f, p->c, pole, folds, i, j);
}

void vr_regression_columns(const struct vr_choice *choice,
                           struct vr_regression_columns *ret) {
  ret->n = 0;
  for (unsigned i = 0; i < choice->n_inputs; i++)
    for (unsigned k = 0; k < choice->inputs[i].nb; k++)
      ret->index[ret->n++] =
          vr_feature_input(choice->inputs[i].source, choice->inputs[i].nk + k);
}

/* COLUMNS and the starts that FOLDS still show. */
static void add_starts(const struct vr_regression *p, unsigned pole,
                       unsigned folds, struct vr_regression_columns *c) {
  if (!vr_features_has_start(p->f, pole))
    return;
  for (size_t r = 0; r < p->f->n_starts; r++) {
    size_t start = vr_feature_start(p->f, r);
    if (vr_regression_inner(p, pole, folds, start, start) > 1e-2)
      c->index[c->n++] = start;
  }
}

/* The centred, equilibrated normal equations of column Y on the columns C:
 * matrix A (n x n), right-hand side B, and what it takes to undo it. False when
 * a column is constant. */
struct normal_equations {
  double a[VR_MAX_COLUMNS * VR_MAX_COLUMNS], b[VR_MAX_COLUMNS];
  double mean[VR_MAX_COLUMNS], sd[VR_MAX_COLUMNS], y_mean;
};

static bool form_equations(const struct vr_regression *p, unsigned pole,
                           unsigned folds,
                           const struct vr_regression_columns *c,
                           struct normal_equations *e) {
  double rows = vr_regression_inner(p, pole, folds, 0, 0);
  if (!(rows > 2.0 * (double)c->n + 2))
    return false;
  e->y_mean = vr_regression_inner(p, pole, folds, 0, p->y) / rows;
  for (size_t i = 0; i < c->n; i++) {
    double energy =
        vr_regression_inner(p, pole, folds, c->index[i], c->index[i]);
    e->mean[i] = vr_regression_inner(p, pole, folds, 0, c->index[i]) / rows;
    double spread = energy - rows * e->mean[i] * e->mean[i];
    if (!(spread > 1e-10 * energy))
      return false;
    e->sd[i] = sqrt(spread);
    e->b[i] = (vr_regression_inner(p, pole, folds, c->index[i], p->y) -
               rows * e->mean[i] * e->y_mean) /
              e->sd[i];
    e->a[i * c->n + i] = 1 + RIDGE;
    for (size_t j = 0; j < i; j++)
      e->a[i * c->n + j] = e->a[j * c->n + i] =
          (vr_regression_inner(p, pole, folds, c->index[i], c->index[j]) -
           rows * e->mean[i] * e->mean[j]) /
          (e->sd[i] * e->sd[j]);
  }
  return true;
}

bool vr_regression_solve(const struct vr_regression *p, unsigned pole,
                         unsigned folds,
                         const struct vr_regression_columns *inputs,
                         struct vr_coefficients *ret) {
  struct vr_regression_columns c = *inputs;
  struct normal_equations e;
  add_starts(p, pole, folds, &c);
  if (!form_equations(p, pole, folds, &c, &e))
    return false;
  if (c.n > 0) {
    gsl_matrix_view a = gsl_matrix_view_array(e.a, c.n, c.n);
    gsl_vector_view b = gsl_vector_view_array(e.b, c.n);
    if (gsl_linalg_cholesky_decomp1(&a.matrix) != GSL_SUCCESS ||
        gsl_linalg_cholesky_svx(&a.matrix, &b.vector) != GSL_SUCCESS)
      return false;
  }
  ret->constant = e.y_mean;
  for (size_t i = 0; i < c.n; i++) {
    e.b[i] /= e.sd[i];
    ret->constant -= e.b[i] * e.mean[i];
  }
  memcpy(ret->theta, e.b, inputs->n * sizeof(*e.b));
  return true;
}

double vr_regression_error(const struct vr_regression *p, unsigned pole,
                           unsigned folds,
                           const struct vr_regression_columns *c,
                           const struct vr_coefficients *b) {
  double sum = vr_regression_inner(p, pole, folds, p->y, p->y);
  sum +=
      b->constant * (b->constant * vr_regression_inner(p, pole, folds, 0, 0) -
                     2 * vr_regression_inner(p, pole, folds, 0, p->y));
  for (size_t i = 0; i < c->n; i++) {
    double x =
        b->constant * vr_regression_inner(p, pole, folds, 0, c->index[i]) -
        vr_regression_inner(p, pole, folds, c->index[i], p->y);
    sum += 2 * b->theta[i] * x;
    for (size_t j = 0; j < c->n; j++)
      sum += b->theta[i] * b->theta[j] *
             vr_regression_inner(p, pole, folds, c->index[i], c->index[j]);
  }
  return fmax(sum, 0);
}

bool vr_regression_allows(const struct vr_regression *p,
                          const struct vr_regression_columns *columns,
                          const struct vr_coefficients *b) {
  if (p->f->counters[p->c] != VR_LOAD)
    return true;
  for (size_t i = 0; i < columns->n; i++)
    if (b->theta[i] < 0)
      return false;
  return true;
}

int vr_regression_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice, unsigned folds,
                           struct vr_coefficients *ret) {
  const struct vr_regression p = vr_regression_of(f, c);
  struct vr_regression_columns columns;
  struct vr_coefficients b;
  vr_regression_columns(choice, &columns);
  if (!vr_regression_solve(&p, choice->pole, folds, &columns, &b) ||
      !vr_regression_allows(&p, &columns, &b))
    return -EDOM;
  *ret = b;
  return 0;
}
