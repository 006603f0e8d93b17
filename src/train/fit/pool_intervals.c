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
  vr_auto_free const struct vr_guest_data **data = calloc(n, sizeof(*data));
  *x = (struct residuals){.n = n,
                          .left = calloc(n, sizeof(*x->left)),
                          .pairs = calloc(n * n, sizeof(*x->pairs)),
                          .test = calloc(n, sizeof(*x->test)),
                          .calibration = calloc(n * n, sizeof(*x->calibration)),
                          .with_regimes = true};
  int r =
      data && x->left && x->pairs && x->test && x->calibration ? 0 : -ENOMEM;
  for (size_t g = 0; r == 0 && g < n; g++) {
    data[g] = l->left[g].data;
    x->with_regimes = x->with_regimes && vr_fit_interval_knows_regimes(data[g]);
    r = group_of(&l->left[g], c, w, &x->left[g], &x->test[g]);
    for (size_t h = 0; r == 0 && l->pairs && n > 2 && h < n; h++)
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

/* --- a few guests --- */

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

/* --- many guests --- */

/* Widths for the guests of fold K, from those of the others. */
static int widths_for(const struct vr_left_out *l, const struct residuals *x,
                      unsigned k, double *q) {
  vr_auto_free struct vr_residuals *others = calloc(l->n, sizeof(*others));
  size_t n = 0;
  if (!others)
    return -ENOMEM;
  for (size_t g = 0; g < l->n; g++)
    if (g % l->n_folds != k)
      others[n++] = x->test[g];
  return vr_conformal_widths(others, n, x->with_regimes ? VR_REGIMES : 0,
                             vr_fit_interval_guest_block(n, x->block),
                             VR_INTERVAL_LEVEL, q, NULL);
}

/* How many of guest G's errors the widths Q hold. */
static void test_widths(const struct vr_residuals *g, const double *q,
                        double *ret_hits, double *ret_of, double *ret_widths) {
  double hits = 0, of = 0, widths = 0;
  for (size_t i = 0; i < g->n; i++) {
    double half = q[g->regime ? g->regime[i] : 0];
    if (!isfinite(g->e[i]) || !isfinite(half))
      continue;
    hits += fabs(g->e[i]) <= half;
    widths += 2 * half;
    of++;
  }
  *ret_hits = hits;
  *ret_of = of;
  *ret_widths = widths;
}

/* The uncertainty of a mean over guests, each of which is one draw. */
static void set_bounds(const double *by_guest, size_t n,
                       struct vr_coverage *v) {
  double guests = 0, sum = 0, squares = 0;
  for (size_t g = 0; g < n; g++)
    if (isfinite(by_guest[g])) {
      guests++;
      sum += by_guest[g];
      squares += by_guest[g] * by_guest[g];
    }
  double mean = sum / guests;
  double variance = fmax(squares / guests - mean * mean, 0) / (guests - 1);
  v->blocks = (size_t)guests;
  v->lower = fmax(v->coverage - 1.96 * sqrt(variance), 0);
  v->upper = fmin(v->coverage + 1.96 * sqrt(variance), 1);
}

static int coverage_of_folds(const struct vr_left_out *l,
                             const struct residuals *x, enum vr_counter c,
                             struct vr_pool_interval *row) {
  double all = 0, all_hits = 0, all_widths = 0;
  row->spread = spread_of(l, x, c);
  for (unsigned k = 0; k < l->n_folds; k++) {
    double q[VR_REGIMES];
    int r = widths_for(l, x, k, q);
    if (r < 0)
      return r == -ENOMEM ? r : 0;
    for (size_t g = k; g < l->n; g += l->n_folds) {
      double hits, of, widths;
      test_widths(&x->test[g], q, &hits, &of, &widths);
      row->by_guest[g] = of > 0 ? hits / of : NAN;
      all_hits += hits;
      all += of;
      all_widths += widths;
    }
  }
  row->coverage = (struct vr_coverage){.coverage = all_hits / all,
                                       .mean_width = all_widths / all,
                                       .samples = (size_t)all};
  set_bounds(row->by_guest, l->n, &row->coverage);
  row->is_there = all > 0;
  return 0;
}

void vr_pool_interval_clear(struct vr_pool_interval *i) {
  free(i->by_guest);
  *i = (struct vr_pool_interval){0};
}

int vr_pool_interval_measure(const struct vr_left_out *l, enum vr_counter c,
                             enum vr_way w, struct vr_pool_interval *ret) {
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, c, w, &x);
  ret->by_guest = calloc(l->n, sizeof(*ret->by_guest));
  if (!ret->by_guest)
    return -ENOMEM;
  return r < 0      ? r
         : l->pairs ? coverage_of(l, &x, c, ret)
                    : coverage_of_folds(l, &x, c, ret);
}

int vr_pool_interval_set(const struct vr_left_out *l, enum vr_way w,
                         const struct vr_pool_interval *row,
                         struct vr_model *m) {
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, m->counter, w, &x);
  if (r < 0)
    return r;
  return vr_fit_interval_set(x.test, l->n, x.with_regimes,
                             vr_fit_interval_guest_block(l->n, x.block),
                             row->is_there ? &row->coverage : NULL, m);
}
