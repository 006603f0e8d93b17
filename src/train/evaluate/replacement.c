/* SPDX-License-Identifier: MIT */
#include "train/evaluate/replacement.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "model/publishable.h"
#include "train/evaluate/served.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/judge.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* The new model that would be published, or NULL; *ret_best is the one whose
 * rows are the time that was learned from. */
static const struct vr_trained *published(const struct vr_counter_result *k,
                                          double min_fit,
                                          const struct vr_trained **ret_best) {
  const struct vr_trained *all[VR_TRAINED_KINDS];
  vr_train_counter_order(k, all);
  *ret_best = NULL;
  for (size_t i = 0; i < 3; i++) {
    if (!all[i]->is_there || !all[i]->free_run)
      continue;
    *ret_best = all[i];
    if (all[i]->model.n_inputs > 0 &&
        vr_model_publishable(&all[i]->model, min_fit))
      return all[i];
  }
  return NULL;
}

/* What FORMER's static gain gives, NAN where its input is not recorded. */
static int run_gain(const struct vr_model *former,
                    const struct vr_guest_data *d, double *x) {
  const struct vr_model_baseline *b = &former->baseline;
  int r = b->has_gain ? vr_data_guest_input(d, &b->gain_input, x) : -ENOENT;
  for (size_t i = 0; i < d->grid.rows; i++)
    x[i] = r == 0 ? b->gain * x[i] + b->constant : NAN;
  return r == -ENOMEM ? r : 0;
}

static bool is_known(const double *x, size_t rows) {
  for (size_t i = 0; i < rows; i++)
    if (isfinite(x[i]))
      return true;
  return false;
}

/* The rows that are compared: those that training used, and FORMER did not. */
struct fresh {
  const unsigned char *used;
  size_t first, rows, block;
  const double *y;
};

static bool is_better(const struct fresh *f, const double *other,
                      const double *x) {
  return vr_judge_is_better(f->used, f->first, f->rows, f->y, other, x,
                            f->block);
}

/* Is RUN, which FORMER gives, better than its trivial baselines? X is scratch.
 */
static int beats_baselines(const struct vr_model *former,
                           const struct vr_guest_data *d, const struct fresh *f,
                           const double *run, double *x, bool *ret) {
  for (size_t i = 0; i < f->rows; i++)
    x[i] = former->baseline.mean;
  bool better = is_better(f, x, run);
  int r = run_gain(former, d, x);
  *ret = better && (!is_known(x, f->rows) || is_better(f, x, run));
  return r;
}

static double fit_of(const struct fresh *f, const double *x) {
  return vr_model_fit_of(f->y + f->first, x + f->first, f->used + f->first,
                         f->rows - f->first);
}

static size_t first_used(const unsigned char *used, size_t rows) {
  size_t i = 0;
  while (i < rows && !used[i])
    i++;
  return i;
}

static size_t first_after(const struct vr_guest_data *d, double end) {
  double rows = floor((end - d->grid.begin) / d->grid.step + 1e-9) + 1;
  return rows < 0                      ? 0
         : rows < (double)d->grid.rows ? (size_t)rows
                                       : d->grid.rows;
}

/* FORMER in a run of its own against NEW, or NULL, on F. */
static int judge(const struct vr_model *former, const struct vr_guest_data *d,
                 const struct vr_trained *new, const struct fresh *f,
                 struct vr_replacement *ret) {
  vr_auto_free double *run = malloc((2 * f->rows + 1) * sizeof(*run));
  if (!run)
    return -ENOMEM;
  int r =
      vr_fit_run_model_started(d, former, first_used(f->used, f->rows), run);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  bool keep = false;
  if (new)
    keep = is_better(f, new->free_run, run);
  else
    r = beats_baselines(former, d, f, run, run + f->rows, &keep);
  *ret = (struct vr_replacement){
      .keep = keep,
      .seconds = (double)(f->rows - f->first) * d->grid.step,
      .former_fit = fit_of(f, run),
      .new_fit = new ? fit_of(f, new->free_run) : NAN};
  return r;
}

int vr_replacement_judge(const struct vr_model *former,
                         const struct vr_guest_data *d,
                         const struct vr_counter_result *k, double min_fit,
                         struct vr_replacement *ret) {
  const struct vr_trained *best;
  const struct vr_trained *new = published(k, min_fit, &best);
  *ret = (struct vr_replacement){.former_fit = NAN, .new_fit = NAN};
  if (!best || !isfinite(former->fit.end) || !vr_served_has_step(former, d) ||
      (new &&new->model.provenance != VR_INFERRED))
    return 0;
  const struct fresh f = {.used = best->used,
                          .first = first_after(d, former->fit.end),
                          .rows = d->grid.rows,
                          .block = vr_fit_interval_block(&d, 1, k->counter),
                          .y = d->y[k->counter]};
  return f.first < f.rows ? judge(former, d, new, &f, ret) : 0;
}
