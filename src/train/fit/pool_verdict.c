/* SPDX-License-Identifier: MIT */
#include "train/fit/pool_verdict.h"

#include "train/fit/fit_intervals.h"
#include "train/fit/judge.h"

#include <math.h>

/* The squared error of PREDICTED where OTHER is known, too; NAN: nowhere. */
static double error_of(const double *y, const double *predicted,
                       const double *other, size_t rows) {
  double sum = 0, n = 0;
  for (size_t i = 0; i < rows; i++) {
    double e = predicted[i] - y[i];
    if (!isfinite(e) || !isfinite(other[i]))
      continue;
    sum += e * e;
    n++;
  }
  return n > 0 ? sum : NAN;
}

/* Rows of a guest's own start, in which no model has settled, count as well: a
 * guest that is new to the target begins so, too. */
bool vr_pool_is_better(const struct vr_left_out *l, enum vr_counter c,
                       enum vr_way w, enum vr_way baseline) {
  struct vr_judge_sums sums = {0};
  size_t guests = 0, worse = 0;
  for (size_t g = 0; g < l->n; g++) {
    const struct vr_guest_data *d = l->left[g].data;
    const double *y = vr_left_out_truth(&l->left[g], c);
    const double *x = l->left[g].of[c][w], *other = l->left[g].of[c][baseline];
    double mine = y ? error_of(y, x, other, d->grid.rows) : NAN;
    if (isnan(mine))
      continue;
    guests++;
    worse += !(mine < error_of(y, other, x, d->grid.rows));
    vr_judge_add(&sums, NULL, 0, d->grid.rows, y, other, x,
                 vr_fit_interval_block(&d, 1, c));
  }
  return guests == 0 || (10 * worse <= guests && vr_judge_is_sure(&sums));
}
