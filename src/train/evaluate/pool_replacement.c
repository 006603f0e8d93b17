/* SPDX-License-Identifier: MIT */
#include "train/evaluate/pool_replacement.h"

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

/* The new model that would be published, or NULL. */
static const struct vr_pool_model *published(const struct vr_pool_counter *k,
                                             double min_fit) {
  const struct vr_pool_model *all[] = {&k->assisted, &k->inferred};
  for (size_t i = 0; i < 2; i++)
    if (all[i]->is_there && vr_model_publishable(&all[i]->model, min_fit))
      return all[i];
  return NULL;
}

/* What is summed over guests: FORMER against the new model, or against its own
 * baselines. */
struct sums {
  struct vr_judge_sums against_new, against_mean, against_gain;
  struct vr_model_fit_sums former, new;
  double rows;
};

/* FORMER's trivial baselines on D, one after the other into X. */
static int add_baselines(const struct vr_model *former,
                         const struct vr_guest_data *d, size_t first,
                         size_t block, const double *run, double *x,
                         struct sums *s) {
  const struct vr_model_baseline *b = &former->baseline;
  const double *y = d->y[former->counter];
  size_t rows = d->grid.rows;
  double per = former->output.per == VR_PER_VCPU  ? d->vcpus
               : former->output.per == VR_PER_GIB ? d->gib
                                                  : 1;
  for (size_t i = 0; i < rows; i++)
    x[i] = per * b->mean;
  vr_judge_add(&s->against_mean, NULL, first, rows, y, x, run, block);
  int r = b->has_gain ? vr_data_guest_input(d, &b->gain_input, x) : -ENOENT;
  for (size_t i = 0; r == 0 && i < rows; i++)
    x[i] = per * (b->gain * x[i] + b->constant);
  if (r == 0)
    vr_judge_add(&s->against_gain, NULL, first, rows, y, x, run, block);
  return r == -ENOMEM ? r : 0;
}

static size_t first_after(const struct vr_guest_data *d, double end) {
  double rows = floor((end - d->grid.begin) / d->grid.step + 1e-9) + 1;
  return (size_t)fmin(fmax(rows, 0), (double)d->grid.rows);
}

/* Adds guest D, for which the new model predicted NEW (NULL: there is none). */
static int add_guest(const struct vr_model *former,
                     const struct vr_guest_data *d, const double *new,
                     struct sums *s) {
  const double *y = d->y[former->counter];
  size_t rows = d->grid.rows, first = first_after(d, former->fit.end);
  if (!y || first == rows || !vr_served_has_step(former, d) ||
      former->accelerator != d->accelerator)
    return 0;
  vr_auto_free double *run = malloc((2 * rows + 1) * sizeof(*run));
  if (!run)
    return -ENOMEM;
  int r = vr_fit_run_model(d, former, run);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  size_t block = vr_fit_interval_block(&d, 1, former->counter);
  s->rows += (double)(rows - first);
  vr_model_fit_add(&s->former, y + first, run + first, NULL, rows - first);
  if (!new)
    return add_baselines(former, d, first, block, run, run + rows, s);
  vr_model_fit_add(&s->new, y + first, new + first, NULL, rows - first);
  vr_judge_add(&s->against_new, NULL, first, rows, y, new, run, block);
  return 0;
}

int vr_pool_replacement_judge(const struct vr_model *former,
                              const struct vr_guest_data *const *data, size_t n,
                              const struct vr_pool_counter *k, double min_fit,
                              struct vr_replacement *ret) {
  const struct vr_pool_model *new = published(k, min_fit);
  struct sums s = {0};
  *ret = (struct vr_replacement){.former_fit = NAN, .new_fit = NAN};
  size_t at = 0, rows = 0;
  for (size_t g = 0; g < n; g++)
    rows += data[g]->grid.rows;
  /* Files of former versions do not say what they were trained on. */
  if (!(former->fit.end > 0) || (new &&new->n_left != rows))
    return 0;
  for (size_t g = 0; g < n; g++) {
    int r = add_guest(former, data[g], new ? new->left + at : NULL, &s);
    if (r < 0)
      return r;
    at += data[g]->grid.rows;
  }
  bool keep =
      new ? vr_judge_is_sure(&s.against_new)
          : vr_judge_is_sure(&s.against_mean) &&
                (s.against_gain.n == 0 || vr_judge_is_sure(&s.against_gain));
  *ret = (struct vr_replacement){
      .keep = keep,
      .seconds = n > 0 ? s.rows / (double)n * data[0]->grid.step : 0,
      .former_fit = vr_model_fit_percent(s.former.error, s.former.spread),
      .new_fit = new ? vr_model_fit_percent(s.new.error, s.new.spread) : NAN};
  return 0;
}
