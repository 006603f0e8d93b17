/* SPDX-License-Identifier: MIT */
#include "train/fit/pool_intervals.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* In the unit that is comparable between guests of different sizes. */
static double unit(const struct vr_predictions *a, enum vr_counter c) {
  return vr_counter_info(c)->per == VR_PER_VCPU ? a->data->vcpus : 1;
}

/* Residuals of all guests by all others. */
struct residuals {
  size_t n;
  struct vr_group *left, *pairs; /* as in struct vr_left_out */
  struct vr_residuals *test, *calibration;
  bool with_regimes;
  size_t block;
};

static void residuals_clear(struct residuals *r) {
  for (size_t i = 0; r->left && i < r->n; i++)
    vr_fit_intervals_clear(&r->left[i]);
  for (size_t i = 0; r->pairs && i < r->n * r->n; i++)
    vr_fit_intervals_clear(&r->pairs[i]);
  free(r->left);
  free(r->pairs);
  free(r->test);
  free(r->calibration);
}

static int group_of(const struct vr_predictions *a, enum vr_counter c,
                    enum vr_way w, struct vr_group *ret,
                    struct vr_residuals *ret_view) {
  int r = vr_fit_intervals_new(a->data, c, a->of[c][w], unit(a, c), NULL, ret);
  *ret_view = ret->view;
  return r;
}

static int residuals_new(const struct vr_left_out *l, enum vr_counter c,
                         enum vr_way w, struct residuals *x) {
  size_t n = l->n;
  const struct vr_guest_data *data[VR_POOL_MAX_GUESTS] = {0};
  *x = (struct residuals){.n = n,
                          .left = calloc(n, sizeof(*x->left)),
                          .pairs = calloc(n * n, sizeof(*x->pairs)),
                          .test = calloc(n, sizeof(*x->test)),
                          .calibration = calloc(n * n, sizeof(*x->calibration)),
                          .with_regimes = true};
  int r = x->left && x->pairs && x->test && x->calibration ? 0 : -ENOMEM;
  for (size_t g = 0; r == 0 && g < n; g++) {
    data[g] = l->left[g].data;
    x->with_regimes = x->with_regimes && vr_fit_interval_knows_regimes(data[g]);
    r = group_of(&l->left[g], c, w, &x->left[g], &x->test[g]);
    for (size_t h = 0; r == 0 && n > 2 && h < n; h++)
      if (h != g)
        r = group_of(&l->pairs[g * n + h], c, w, &x->pairs[g * n + h],
                     &x->calibration[g * n + h]);
  }
  if (r == 0)
    x->block = vr_fit_interval_block(data, n, c);
  for (size_t g = 0; r == 0 && !x->with_regimes && g < n; g++) {
    x->test[g].regime = NULL;
    for (size_t h = 0; h < n; h++)
      x->calibration[g * n + h].regime = NULL;
  }
  return r;
}

/* Standard deviation of the truth where there is a prediction. */
static double spread_of(const struct vr_left_out *l, const struct residuals *x,
                        enum vr_counter c) {
  double n = 0, sum = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t g = 0; g < l->n; g++) {
      const double *y = vr_left_out_truth(&l->left[g], c);
      for (size_t i = 0; y && i < x->test[g].n; i++) {
        double v = y[i] / unit(&l->left[g], c);
        if (!isfinite(x->test[g].e[i]))
          continue;
        if (pass == 0)
          sum += v, n++;
        else
          squares += (v - sum / n) * (v - sum / n);
      }
    }
  return n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* Coverage over all guests, each with widths from the others' errors when they
 * were left out, too. */
static int coverage_of(const struct vr_left_out *l, const struct residuals *x,
                       enum vr_counter c, struct vr_pool_interval *row) {
  row->spread = spread_of(l, x, c);
  const struct vr_coverage_design design = {
      .n_groups = l->n,
      .test = x->test,
      .calibration = x->calibration,
      .n_regimes = x->with_regimes ? VR_REGIMES : 0,
      .calibration_block = vr_fit_interval_guest_block(l->n - 1, x->block),
      .block = x->block,
      .level = VR_INTERVAL_LEVEL};
  int r = vr_coverage_measure(&design, 0, &row->coverage, row->by_guest, NULL);
  row->is_there = r == 0;
  return r == -ENOMEM ? r : 0;
}

int vr_pool_interval_measure(const struct vr_left_out *l, enum vr_counter c,
                             enum vr_way w, struct vr_pool_interval *ret) {
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, c, w, &x);
  return r < 0 ? r : coverage_of(l, &x, c, ret);
}

int vr_pool_interval_set(const struct vr_left_out *l,
                         const struct vr_pool_interval *row,
                         struct vr_model *m) {
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, m->counter, VR_WAY_INFERRED, &x);
  if (r < 0)
    return r;
  return vr_fit_interval_set(x.test, l->n, x.with_regimes,
                             vr_fit_interval_guest_block(l->n, x.block),
                             row->is_there ? &row->coverage : NULL, m);
}
