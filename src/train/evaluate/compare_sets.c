/* SPDX-License-Identifier: MIT */
#include "train/evaluate/compare_sets.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/evaluate/served.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/judge.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

size_t vr_compare_first_row(const struct vr_guest_data *d, double begin) {
  if (!(begin > d->grid.begin))
    return 0;
  double rows = ceil((begin - d->grid.begin) / d->grid.step - 1e-9);
  return rows < (double)d->grid.rows ? (size_t)rows : d->grid.rows;
}

/* Values of one set are known only where the other's are, too. */
static bool in_common(double *a, double *b, size_t rows) {
  bool same = true;
  for (size_t i = 0; i < rows; i++) {
    if (isnan(a[i]) || isnan(b[i]))
      a[i] = b[i] = NAN;
    else
      same = same && fabs(a[i] - b[i]) <= 1e-9 * fabs(a[i]);
  }
  return same;
}

static enum vr_sets_verdict verdict_of(const struct vr_guest_data *d,
                                       size_t first, const double *y, double *a,
                                       double *b, const struct vr_model *ma,
                                       const struct vr_model *mb,
                                       enum vr_counter c) {
  if (!ma || !mb)
    return ma ? VR_SETS_ONLY_FIRST : mb ? VR_SETS_ONLY_SECOND : VR_SETS_NEITHER;
  size_t rows = d->grid.rows, block = vr_fit_interval_block(&d, 1, c);
  if (in_common(a, b, rows))
    return VR_SETS_SAME;
  if (vr_judge_is_better(NULL, first, rows, y, a, b, block))
    return VR_SETS_SECOND_BETTER;
  return vr_judge_is_better(NULL, first, rows, y, b, a, block)
             ? VR_SETS_FIRST_BETTER
             : VR_SETS_UNSURE;
}

/* The fit of the mean that M was trained with. */
static double mean_fit(const struct vr_guest_data *d, size_t first,
                       const double *y, const struct vr_model *m, double *x) {
  double per = !m->generic                    ? 1
               : m->output.per == VR_PER_VCPU ? d->vcpus
               : m->output.per == VR_PER_GIB  ? d->gib
                                              : 1;
  for (size_t i = 0; i < d->grid.rows; i++)
    x[i] = per * m->baseline.mean;
  return vr_model_fit_of(y + first, x + first, NULL, d->grid.rows - first);
}

static int compare_counter(const struct vr_model_set sets[2],
                           const struct vr_guest_data *d, size_t first,
                           double min_fit, double *x[2],
                           struct vr_sets_row *row) {
  const struct vr_model *m[2];
  const double *y = d->y[row->counter];
  for (int i = 0; i < 2; i++) {
    int r = vr_served_model(&sets[i], d, row->counter, min_fit, x[i], &m[i]);
    if (r < 0)
      return r;
    row->seen[i] =
        m[i] && m[i]->fit.end >= d->grid.begin + (double)first * d->grid.step;
  }
  row->verdict = verdict_of(d, first, y, x[0], x[1], m[0], m[1], row->counter);
  for (int i = 0; i < 2; i++)
    row->fit[i] =
        vr_model_fit_of(y + first, x[i] + first, NULL, d->grid.rows - first);
  const struct vr_model *any = m[1] ? m[1] : m[0];
  if (any && isfinite(any->baseline.mean))
    row->mean_fit = mean_fit(d, first, y, any, x[0]);
  return 0;
}

int vr_compare_sets(const struct vr_model_set sets[2],
                    const struct vr_guest_data *d, double begin, double min_fit,
                    struct vr_sets_guest *ret) {
  size_t rows = d->grid.rows, first = vr_compare_first_row(d, begin);
  vr_auto_free double *all = malloc((2 * rows + 1) * sizeof(*all));
  struct vr_sets_guest g = {.data = d, .rows = rows - first};
  double *x[2] = {all, all + rows};
  int r = all ? 0 : -ENOMEM;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    struct vr_sets_row *row = &g.rows_of[c];
    *row = (struct vr_sets_row){.counter = (enum vr_counter)c,
                                .fit = {NAN, NAN},
                                .mean_fit = NAN,
                                .verdict = VR_SETS_NO_TRUTH};
    if (d->y[c])
      r = compare_counter(sets, d, first, min_fit, x, row);
  }
  if (r == 0)
    *ret = g;
  return r;
}
