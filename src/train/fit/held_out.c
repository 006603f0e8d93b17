/* SPDX-License-Identifier: MIT */
#include "train/fit/held_out.h"

#include "model/fit.h"
#include "train/fit/folds.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int vr_held_out_new(size_t rows, struct vr_held_out *h) {
  double *all = malloc((7 * rows + 1) * sizeof(*all));
  if (!all)
    return -ENOMEM;
  for (size_t i = 0; i < 7 * rows; i++)
    all[i] = NAN;
  *h = (struct vr_held_out){.model = all,
                            .mean = all + rows,
                            .gain = all + 2 * rows,
                            .one_step = all + 3 * rows,
                            .reference = all + 4 * rows,
                            .run = all + 5 * rows,
                            .scratch = all + 6 * rows,
                            .ordered = true};
  return 0;
}

void vr_held_out_clear(struct vr_held_out *h) { free(h->model); }

/* What MODEL predicts for block FOLD, which it did not see. Clears it. */
static int predict(const struct vr_features *f, struct vr_model *m,
                   unsigned fold, double *run, double *ret) {
  int r = vr_fit_run_model_started(f->recordings[0].data, m, f->skipped, run);
  vr_model_clear(m);
  if (r == 0)
    vr_folds_take(f, fold, run, ret);
  return r;
}

/* What the model M that was learned without block FOLD predicts for it, free
 * and one step ahead. Clears it. */
static int predict_model(const struct vr_features *f, size_t c,
                         struct vr_model *m, unsigned fold,
                         struct vr_held_out *h) {
  const struct vr_guest_data *d = f->recordings[0].data;
  int r = vr_fit_run_model_started(d, m, f->skipped, h->run);
  if (r == 0) {
    vr_folds_take(f, fold, h->run, h->model);
  }
  if (r == 0 && !f->rehearsal) {
    vr_fit_run_one_step(m, d->y[f->counters[c]], h->run, f->rows, h->scratch);
    vr_folds_take(f, fold, h->scratch, h->one_step);
  }
  vr_model_clear(m);
  return r;
}

/* Predictions for one block of time by everything estimated on the others. */
static int hold_out(const struct vr_features *f, size_t c,
                    const struct vr_train_options *options, unsigned fold,
                    struct vr_held_out *h) {
  const struct vr_guest_data *d = f->recordings[0].data;
  unsigned folds = vr_folds_without(f, c, fold);
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, folds, &choice, &m);
  h->ordered = h->ordered && r != 1;
  if (r >= 0)
    r = predict_model(f, c, &m, fold, h);
  if (r < 0)
    return r;
  if (!options->brief)
    r = vr_infer_ordered(f, c, &choice, &vr_given_reference_orders, folds, &m);
  if (r == 0 && !options->brief)
    r = predict(f, &m, fold, h->run, h->reference);
  if (r < 0 && r != -ENODATA)
    return r;
  r = vr_infer_gain(f, c, folds, &choice, &m);
  if (r == 0)
    r = predict(f, &m, fold, h->run, h->gain);
  double mean =
      vr_features_mean(f, c, folds) * (f->per[c] == VR_PER_VCPU ? d->vcpus : 1);
  for (size_t i = 0; i < f->rows; i++)
    if (f->fold[i] == fold)
      h->mean[i] = mean;
  return r == -ENOENT ? 0 : r;
}

int vr_held_out_predict(const struct vr_features *f, size_t c,
                        const struct vr_train_options *options,
                        struct vr_held_out *h) {
  int r = 0;
  for (unsigned k = 0; r == 0 && k < f->n_folds; k++)
    r = hold_out(f, c, options, k, h);
  return r;
}

int vr_held_out_baseline(const struct vr_features *f, size_t c,
                         const struct vr_held_out *h,
                         struct vr_model_baseline *ret) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
  double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
  struct vr_model_baseline b;
  int r = vr_infer_baseline(f, c, per, &b);
  if (r < 0)
    return r;
  b.mean_fit = vr_model_fit_of(y, h->mean, f->used, f->rows);
  if (b.has_gain)
    b.gain_fit = vr_model_fit_of(y, h->gain, f->used, f->rows);
  *ret = b;
  return 0;
}
