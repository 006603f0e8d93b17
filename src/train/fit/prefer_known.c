/* SPDX-License-Identifier: MIT */
#include "train/fit/prefer_known.h"

#include "model/fit.h"
#include "train/fit/adopt_known.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/infer.h"
#include "train/fit/judge.h"
#include "train/fit/model_run.h"
#include "train/fit/physics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Points of fit that a model which was known beforehand must be better by than
 * the one estimated here. */
#define GAIN_OF_KNOWN 1.0

/* The best of what is known beforehand: a model that was learned elsewhere, or
 * physics. What it gives goes to PREDICTED, RUN is scratch; *ret_what says
 * which. -ENOENT when there is neither. */
static int best_known(const struct vr_features *f, size_t c,
                      const struct vr_model_set *known, double *run,
                      double *predicted, struct vr_model *ret_model,
                      const char **ret_what) {
  const struct vr_guest_data *d = f->recordings[0].data;
  struct vr_model learned, physics;
  int has_learned =
      known ? vr_fit_known_best(f, c, known, run, &learned) : -ENOENT;
  if (has_learned < 0 && has_learned != -ENOENT)
    return has_learned;
  int r = vr_physics_best(f, c, run, predicted, &physics, ret_what);
  if (r == 0 &&
      (has_learned < 0 || physics.fit.free_run > learned.fit.free_run)) {
    if (has_learned == 0)
      vr_model_clear(&learned);
    *ret_model = physics;
    return 0;
  }
  if (r == 0)
    vr_model_clear(&physics);
  if (has_learned < 0 || (r < 0 && r != -ENOENT)) {
    if (has_learned == 0)
      vr_model_clear(&learned);
    return r < 0 ? r : has_learned;
  }
  r = vr_fit_run_model_started(d, &learned, f->skipped, predicted);
  if (r < 0) {
    vr_model_clear(&learned);
    return r;
  }
  *ret_what = "the shipped generic model, validated here";
  *ret_model = learned;
  return 0;
}

int vr_prefer_known(const struct vr_features *f, size_t c,
                    const struct vr_train_options *options,
                    struct vr_held_out *h, struct vr_trained *result) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
  struct vr_model *mine = &result->model, known;
  const char *what;
  if (!options->known || options->orders.given)
    return 0;
  int r = best_known(f, c, options->known, h->run, h->scratch, &known, &what);
  if (r < 0)
    return r == -ENOENT ? 0 : r;
  if (isfinite(mine->fit.free_run) &&
      !(known.fit.free_run > mine->fit.free_run + GAIN_OF_KNOWN)) {
    vr_model_clear(&known);
    return 0;
  }
  known.baseline = mine->baseline;
  mine->baseline = (struct vr_model_baseline){0};
  vr_infer_span(f, c, &known.fit);
  vr_model_clear(mine);
  *mine = known;
  snprintf(result->inputs, sizeof(result->inputs), "%s", what);
  memcpy(h->model, h->scratch, f->rows * sizeof(*h->model));
  mine->withheld =
      !vr_judge_beats_baselines_by(mine, vr_judge_margin(mine->counter)) ||
      !vr_judge_is_confident(f, y, h->mean, h->gain, h->model,
                             vr_fit_interval_block_of(f, c));
  vr_fit_run_one_step(mine, y, h->model, f->rows, h->one_step);
  mine->fit.one_step = vr_model_fit_of(y, h->one_step, f->used, f->rows);
  return 0;
}
