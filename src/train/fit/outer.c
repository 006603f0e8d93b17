/* SPDX-License-Identifier: MIT */
#include "train/fit/outer.h"

#include "basic/cleanup.h"
#include "train/fit/memories.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A quarter: longer, and what comes before is too short to choose on; shorter,
 * and it says little. */
static size_t rows_before(const struct vr_guest_data *d) {
  return d->grid.rows - d->grid.rows / 4;
}

struct vr_guest_data vr_outer_before(const struct vr_guest_data *d) {
  struct vr_guest_data before = *d;
  before.grid.rows = rows_before(d);
  return before;
}

/* Squared error of A over the rows from FIRST on where A and B are known. */
static double error_of(const double *y, const double *a, const double *b,
                       size_t first, size_t rows) {
  double sum = 0;
  for (size_t i = first; i < rows; i++) {
    double e = a[i] - y[i];
    if (isfinite(e) && isfinite(b[i]))
      sum += e * e;
  }
  return sum;
}

/* Is RUN better than OTHER? Where they are never known together: yes. */
static bool is_better(const double *y, const double *run, const double *other,
                      size_t first, size_t rows) {
  double mine = error_of(y, run, other, first, rows);
  double others = error_of(y, other, run, first, rows);
  return mine < others || others == 0;
}

/* Does M do better than its own baselines there? RUN and X are scratch. */
static int beats_baselines(const struct vr_guest_data *d,
                           const struct vr_model *m, double *run, double *x,
                           bool *ret) {
  const struct vr_model_baseline *b = &m->baseline;
  const double *y = d->y[m->counter];
  size_t first = rows_before(d), rows = d->grid.rows;
  int r = vr_fit_run_model(d, m, run);
  if (r < 0)
    return r;
  for (size_t i = 0; i < rows; i++)
    x[i] = b->mean;
  *ret = is_better(y, run, x, first, rows);
  if (!b->has_gain)
    return 0;
  r = vr_data_guest_input(d, &b->gain_input, x);
  for (size_t i = 0; r == 0 && i < rows; i++)
    x[i] = b->gain * x[i] + b->constant;
  *ret = *ret && (r < 0 || is_better(y, run, x, first, rows));
  return r;
}

int vr_outer_confirm(const struct vr_guest_data *d,
                     const struct vr_trained *early, struct vr_trained *t) {
  if (!t->is_there || t->model.withheld || t->model.n_inputs == 0)
    return 0;
  size_t rows = d->grid.rows;
  bool confirmed = false;
  int r = 0;
  enum vr_counter c = t->model.counter;
  if (vr_memories_are_enough(d->y[c], rows, d->grid.step, c) && early &&
      early->is_there && early->model.n_inputs > 0) {
    vr_auto_free double *scratch = malloc((2 * rows + 1) * sizeof(*scratch));
    if (!scratch)
      return -ENOMEM;
    r = beats_baselines(d, &early->model, scratch, scratch + rows, &confirmed);
  }
  t->model.withheld = !confirmed;
  return r == -ENOMEM ? r : 0;
}

int vr_outer_confirm_inferred(const struct vr_guest_data *d,
                              const struct vr_trained *early,
                              struct vr_counter_result *k) {
  struct vr_model *m = &k->inferred.model;
  int r = vr_outer_confirm(d, early, &k->inferred);
  if (r < 0 || !k->inferred.is_there || !m->preferred)
    return r;
  vr_auto_free double *run = malloc((d->grid.rows + 1) * sizeof(*run));
  if (!run)
    return -ENOMEM;
  r = m->withheld ? -ENOENT : vr_fit_run_model(d, &early->model, run);
  m->preferred =
      r == 0 && is_better(d->y[m->counter], run, k->definition.free_run,
                          rows_before(d), d->grid.rows);
  return r == -ENOMEM ? r : 0;
}
