/* SPDX-License-Identifier: MIT
 *
 * The ridge of the greatest marginal likelihood. In the eigenvectors of the
 * equilibrated Gram every parameter is on its own, and an evaluation costs as
 * many operations as there are parameters.
 */
#include "sysid/regularised.h"

#include "basic/cleanup.h"
#include "sysid/gram.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_blas.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>

struct spectrum {
  size_t p, rows;
  double yy;
  gsl_vector *value, *weight; /* eigenvalues, (V' X'y) */
};

/* Minus twice the logarithm of the likelihood, but for a constant. */
static double evaluate(const struct spectrum *s, double log_ridge) {
  double ridge = exp(log_ridge), q = s->yy, log_det = 0;
  for (size_t k = 0; k < s->p; k++) {
    double e = fmax(gsl_vector_get(s->value, k), 0);
    q -= pow(gsl_vector_get(s->weight, k), 2) / (e + ridge);
    log_det += log1p(e / ridge);
  }
  return (double)s->rows * log(fmax(q, 1e-14 * s->yy)) + log_det;
}

/* The best of a grid of ridges, then golden section around it. */
static double minimise(const struct spectrum *s) {
  const double low = log(1e-12), high = log(1e3), step = 0.5;
  double best = low, least = INFINITY;
  for (double x = low; x <= high; x += step) {
    double value = evaluate(s, x);
    if (value < least) {
      least = value;
      best = x;
    }
  }
  double a = best - step, b = best + step, golden = 0.6180339887498949;
  for (int k = 0; k < 40; k++) {
    double x = b - golden * (b - a), y = a + golden * (b - a);
    if (evaluate(s, x) < evaluate(s, y))
      b = y;
    else
      a = x;
  }
  return exp((a + b) / 2);
}

static int decompose(struct spectrum *s, const struct vr_gram *g) {
  gsl_matrix *a = gsl_matrix_alloc(s->p, s->p),
             *v = gsl_matrix_alloc(s->p, s->p);
  gsl_vector *xy = gsl_vector_alloc(s->p);
  gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(s->p);
  int r = a && v && xy && w ? 0 : -ENOMEM;
  for (unsigned i = 0; r == 0 && i < s->p; i++) {
    double scale = sqrt(vr_gram_at(g, i + 1, i + 1));
    for (unsigned j = 0; j < s->p; j++)
      gsl_matrix_set(a, i, j,
                     vr_gram_at(g, i + 1, j + 1) /
                         (scale * sqrt(vr_gram_at(g, j + 1, j + 1))));
    gsl_vector_set(xy, i, vr_gram_at(g, i + 1, 0) / scale);
  }
  if (r == 0 &&
      (gsl_eigen_symmv(a, s->value, v, w) != GSL_SUCCESS ||
       gsl_blas_dgemv(CblasTrans, 1, v, xy, 0, s->weight) != GSL_SUCCESS))
    r = -EDOM;
  gsl_matrix_free(a);
  gsl_matrix_free(v);
  gsl_vector_free(xy);
  if (w)
    gsl_eigen_symmv_free(w);
  return r;
}

int vr_sysid_choose_ridge(const struct vr_dataset *d,
                          const struct vr_orders *orders, double *ret_ridge,
                          struct vr_error *error) {
  vr_sysid_quiet_gsl();
  int r = vr_dataset_check(d, orders, error);
  if (r < 0)
    return r;
  struct vr_gram g;
  if (vr_gram_of_orders(d, orders, &g) < 0)
    return vr_sysid_no_memory(error);
  struct spectrum s = {.p = g.dim - 1, .rows = g.rows, .yy = g.g[0]};
  for (unsigned j = 1; r == 0 && j < g.dim; j++)
    if (!(vr_gram_at(&g, j, j) > 0))
      r = vr_error_set(error, -EDOM, "a regressor is 0 in all rows");
  s.value = gsl_vector_alloc(s.p);
  s.weight = gsl_vector_alloc(s.p);
  if (r == 0)
    r = s.value && s.weight ? decompose(&s, &g) : -ENOMEM;
  if (r == 0)
    *ret_ridge = minimise(&s);
  gsl_vector_free(s.value);
  gsl_vector_free(s.weight);
  vr_gram_clear(&g);
  return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
}
