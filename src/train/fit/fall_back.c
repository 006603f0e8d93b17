/* SPDX-License-Identifier: MIT */
#include "train/fit/fall_back.h"

#include "model/fit.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/infer.h"
#include "train/fit/judge.h"
#include "train/fit/model_run.h"

#include <math.h>
#include <string.h>

/* Points of fit over the mean, for a static gain to take the place of another
 * model: the target's default of MinFit, below which it would not be published
 * either. */
#define WORTH_OF_GAIN 5.0

/* Is M nothing else than a static gain on the series of its own baseline? */
static bool is_its_baseline(const struct vr_model *m) {
  const struct vr_model_input *gain = &m->baseline.gain_input;
  if (!m->baseline.has_gain || m->arx.na > 0 || m->n_inputs != 1 ||
      m->arx.inputs[0].nb != 1 || m->arx.inputs[0].nk != 0 ||
      m->inputs[0].n_signals != gain->n_signals)
    return false;
  for (size_t i = 0; i < gain->n_signals; i++)
    if (strcmp(m->inputs[0].signals[i], gain->signals[i]) != 0)
      return false;
  return true;
}

/* The gain is the model: only the mean is left to be compared with. */
static void forget_gain(const struct vr_features *f, struct vr_held_out *h,
                        struct vr_model_baseline *b) {
  vr_data_input_clear(&b->gain_input);
  b->has_gain = false;
  b->gain_fit = NAN;
  for (size_t i = 0; i < f->rows; i++)
    h->gain[i] = NAN;
}

/* Puts the static gain in the place of a model that is not worth its inputs and
 * coefficients. Its predictions are in H already. */
static int take_gain(const struct vr_features *f, size_t c,
                     const struct vr_train_options *options,
                     struct vr_held_out *h, struct vr_trained *t) {
  const double *y = f->recordings[0].data->y[f->counters[c]];
  struct vr_choice choice;
  struct vr_model gain;
  int r = vr_infer_gain(f, c, vr_feature_folds(f), &choice, &gain);
  if (r < 0)
    return r;
  gain.baseline = t->model.baseline;
  t->model.baseline = (struct vr_model_baseline){0};
  vr_model_clear(&t->model);
  t->model = gain;
  vr_infer_span(f, c, &t->model.fit);
  memcpy(h->model, h->gain, f->rows * sizeof(*h->model));
  forget_gain(f, h, &t->model.baseline);
  t->model.fit.free_run = vr_model_fit_of(y, h->model, f->used, f->rows);
  vr_fit_run_one_step(&t->model, y, h->model, f->rows, h->one_step);
  t->model.fit.one_step = vr_model_fit_of(y, h->one_step, f->used, f->rows);
  vr_fit_describe_choice(f, &choice, t->inputs, sizeof(t->inputs));
  return vr_trained_keep(t, h->model, options->brief ? NULL : h->one_step,
                         f->used, f->rows);
}

int vr_fall_back_to_gain(const struct vr_features *f, size_t c,
                         const struct vr_train_options *options,
                         struct vr_held_out *h, struct vr_trained *t) {
  const double *y = f->recordings[0].data->y[f->counters[c]];
  struct vr_model_baseline *b = &t->model.baseline;
  if (t->model.n_inputs > 0 && is_its_baseline(&t->model)) {
    forget_gain(f, h, b);
    t->model.withheld =
        !vr_judge_beats_baselines_by(&t->model,
                                     vr_judge_margin(t->model.counter)) ||
        !vr_judge_wins_most_blocks(f, y, h->mean, h->gain, h->model) ||
        !vr_judge_is_confident(f, y, h->mean, NULL, h->model,
                               vr_fit_interval_block_of(f, c));
    return 0;
  }
  if (!t->model.withheld || !b->has_gain || options->orders.given ||
      !(b->gain_fit >
        fmax(b->mean_fit, 0) +
            fmax(WORTH_OF_GAIN, vr_judge_margin(t->model.counter))) ||
      !vr_judge_wins_most_blocks(f, y, h->mean, NULL, h->gain) ||
      !vr_judge_is_confident(f, y, h->mean, NULL, h->gain,
                             vr_fit_interval_block_of(f, c)))
    return 0;
  return take_gain(f, c, options, h, t);
}
