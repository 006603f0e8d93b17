/* SPDX-License-Identifier: MIT */
#include "train/fit/train_guest.h"

#include "basic/cleanup.h"
#include "train/evaluate/statistics.h"
#include "train/fit/adopt_known.h"
#include "train/fit/defined.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/fit_orders.h"
#include "train/fit/folds.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"
#include "train/fit/physics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void trained_clear(struct vr_trained *t) {
  if (t->is_there)
    vr_model_clear(&t->model);
  vr_diagnosis_clear(&t->diagnosis);
  *t = (struct vr_trained){0};
}

void vr_fit_guest_result_clear(struct vr_guest_result *r) {
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    trained_clear(&r->counters[c].definition);
    trained_clear(&r->counters[c].assisted);
    trained_clear(&r->counters[c].inferred);
  }
  free(r->error);
  *r = (struct vr_guest_result){0};
}

/* The fit of the best baseline, percent: at least 0, which is that of the mean
 * of the validation data itself. */
static double best_baseline(const struct vr_model_baseline *b) {
  return fmax(isfinite(b->mean_fit) ? fmax(b->mean_fit, 0) : 0,
              b->has_gain && isfinite(b->gain_fit) ? b->gain_fit : 0);
}

bool vr_fit_beats_baselines(const struct vr_model *m) {
  return m->fit.free_run > best_baseline(&m->baseline);
}

/* One counter's work: held-out answers row by row. */
struct held_out {
  double *model, *mean, *gain; /* rows each */
  double *one_step;            /* of the model, from measured past outputs */
  double *seed;                /* of the seed orders */
  double *run, *scratch;
  bool ordered; /* the orders given could be estimated wherever it was tried */
};

static int held_out_new(size_t rows, struct held_out *h) {
  double *all = malloc((7 * rows + 1) * sizeof(*all));
  if (!all)
    return -ENOMEM;
  for (size_t i = 0; i < 7 * rows; i++)
    all[i] = NAN;
  *h = (struct held_out){.model = all,
                         .mean = all + rows,
                         .gain = all + 2 * rows,
                         .one_step = all + 3 * rows,
                         .seed = all + 4 * rows,
                         .run = all + 5 * rows,
                         .scratch = all + 6 * rows,
                         .ordered = true};
  return 0;
}

static void held_out_clear(struct held_out *h) { free(h->model); }

/* Answers of MODEL for block FOLD, which it did not see. Clears it. */
static int answer(const struct vr_features *f, struct vr_model *m,
                  unsigned fold, double *run, double *ret) {
  int r = vr_fit_run_model_started(f->recordings[0].data, m, f->skipped, run);
  vr_model_clear(m);
  if (r == 0)
    vr_folds_take(f, fold, run, ret);
  return r;
}

/* Answers of the model M that was learned without block FOLD, free and one step
 * ahead. Clears it. */
static int answer_model(const struct vr_features *f, size_t c,
                        struct vr_model *m, unsigned fold, struct held_out *h) {
  const struct vr_guest_data *d = f->recordings[0].data;
  int r = vr_fit_run_model_started(d, m, f->skipped, h->run);
  if (r == 0) {
    vr_folds_take(f, fold, h->run, h->model);
    vr_fit_run_one_step(m, d->y[f->counters[c]], h->run, f->rows, h->scratch);
    vr_folds_take(f, fold, h->scratch, h->one_step);
  }
  vr_model_clear(m);
  return r;
}

/* Answers for one block of time by everything estimated on the others. */
static int hold_out(const struct vr_features *f, size_t c,
                    const struct vr_train_options *options, unsigned fold,
                    struct held_out *h) {
  const struct vr_guest_data *d = f->recordings[0].data;
  unsigned folds = vr_folds_without(f, c, fold);
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, folds, &choice, &m);
  h->ordered = h->ordered && r != 1;
  if (r >= 0)
    r = answer_model(f, c, &m, fold, h);
  if (r < 0)
    return r;
  r = vr_infer_ordered(f, c, &choice, &vr_fit_reference_orders, folds, &m);
  if (r == 0)
    r = answer(f, &m, fold, h->run, h->seed);
  if (r < 0 && r != -ENODATA)
    return r;
  r = vr_infer_gain(f, c, folds, &choice, &m);
  if (r == 0)
    r = answer(f, &m, fold, h->run, h->gain);
  double mean = vr_fit_select_mean(f, c, folds) *
                (f->per[c] == VR_PER_VCPU ? d->vcpus : 1);
  for (size_t i = 0; i < f->rows; i++)
    if (f->fold[i] == fold)
      h->mean[i] = mean;
  return r == -ENOENT ? 0 : r;
}

/* Baselines in the counter's own unit, estimated on everything, with the fits
 * that they had on held-out blocks. */
static int fill_baseline(const struct vr_features *f, size_t c,
                         const struct held_out *h,
                         struct vr_model_baseline *ret) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
  double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
  struct vr_model_baseline b;
  int r = vr_infer_baseline(f, c, per, &b);
  if (r < 0)
    return r;
  b.mean_fit = vr_fit_percent(y, h->mean, f->used, f->rows);
  if (b.has_gain)
    b.gain_fit = vr_fit_percent(y, h->gain, f->used, f->rows);
  *ret = b;
  return 0;
}

/* Squared error of ANSWER over the known rows of block FOLD. */
static double block_error(const struct vr_features *f, unsigned fold,
                          const double *y, const double *answer) {
  double sum = 0;
  for (size_t i = 0; i < f->rows; i++) {
    double e = answer[i] - y[i];
    if (f->used[i] && f->fold[i] == fold && isfinite(e))
      sum += e * e;
  }
  return sum;
}

/* Does ANSWER beat both baselines in most blocks of time? One lucky block can
 * carry the fit over all of them, and does not come again. GAIN may be NULL. */
static bool wins_most_blocks(const struct vr_features *f, const double *y,
                             const double *mean, const double *gain,
                             const double *answer) {
  int wins = 0;
  for (unsigned k = 0; k < f->n_folds; k++) {
    double e = block_error(f, k, y, answer);
    double of_gain = gain ? block_error(f, k, y, gain) : 0;
    wins += e < block_error(f, k, y, mean) && (of_gain == 0 || e < of_gain)
                ? 1
                : -1;
  }
  return wins > 0;
}

/* Points of fit that a model must be better by: one that was known beforehand
 * than the one estimated here to be taken, any than both baselines to be
 * published. What was chosen among many on this data must win in most blocks,
 * too; what was not is believed by its fit over all of them, for in quiet
 * blocks any constant does as well. */
#define GAIN_OF_KNOWN 1.0
#define CLEAR_OF_BASELINES 2.0
/* Over the mean, for a static gain to take the place of another model: the
 * target's default of MinFit, below which it would not be published either. */
#define WORTH_OF_GAIN 5.0

bool vr_fit_clearly_beats_baselines(const struct vr_model *m) {
  const struct vr_model_baseline *b = &m->baseline;
  return m->fit.free_run > best_baseline(b) + CLEAR_OF_BASELINES;
}

/* The best of what is known beforehand: a model that was learned elsewhere, or
 * physics. Its answers go to ANSWERS, RUN is scratch; *ret_what says which.
 * -ENOENT when there is neither. */
static int best_known(const struct vr_features *f, size_t c,
                      const struct vr_model_set *known, double *run,
                      double *answers, struct vr_model *ret_model,
                      const char **ret_what) {
  const struct vr_guest_data *d = f->recordings[0].data;
  struct vr_model learned, physics;
  int has_learned =
      known ? vr_fit_known_best(f, c, known, run, &learned) : -ENOENT;
  if (has_learned < 0 && has_learned != -ENOENT)
    return has_learned;
  int r = vr_physics_best(f, c, run, answers, &physics, ret_what);
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
  r = vr_fit_run_model_started(d, &learned, f->skipped, answers);
  if (r < 0) {
    vr_model_clear(&learned);
    return r;
  }
  *ret_what = "the shipped generic model, validated here";
  *ret_model = learned;
  return 0;
}

/* Puts a model that was known beforehand in the place of the one that was
 * estimated here, if it does better on time that neither was estimated on. */
static int prefer_known(const struct vr_features *f, size_t c,
                        const struct vr_train_options *options,
                        struct held_out *h, struct vr_trained *result) {
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
  mine->withheld = !vr_fit_clearly_beats_baselines(mine);
  vr_fit_run_one_step(mine, y, h->model, f->rows, h->one_step);
  mine->fit.one_step = vr_fit_percent(y, h->one_step, f->used, f->rows);
  return vr_fit_interval_of_guest(f, c, h->model, mine);
}

/* The model of counter C that is inferred from the sources of F. */
static int train_inferred(const struct vr_features *f, size_t c,
                          const struct vr_train_options *options,
                          struct held_out *h, struct vr_trained *ret) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
  for (unsigned k = 0; k < f->n_folds; k++) {
    int r = hold_out(f, c, options, k, h);
    if (r < 0)
      return r;
  }
  struct vr_choice choice;
  struct vr_model *m = &ret->model;
  int r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, m);
  if (r < 0)
    return r;
  h->ordered = h->ordered && r != 1;
  ret->is_there = true;
  r = fill_baseline(f, c, h, &m->baseline);
  if (r < 0)
    return r;
  vr_infer_span(f, c, &m->fit);
  m->fit.free_run = vr_fit_percent(y, h->model, f->used, f->rows);
  m->fit.one_step = vr_fit_percent(y, h->one_step, f->used, f->rows);
  m->withheld = !vr_fit_clearly_beats_baselines(m) ||
                !wins_most_blocks(f, y, h->mean, h->gain, h->model);
  ret->seed_fit = vr_fit_percent(y, h->seed, f->used, f->rows);
  vr_fit_describe_choice(f, &choice, ret->inputs, sizeof(ret->inputs));
  r = vr_fit_interval_of_guest(f, c, h->model, m);
  if (r == 0)
    r = prefer_known(f, c, options, h, ret);
  return r < 0 ? r
               : vr_evaluate_diagnose(d, m, h->one_step, f->used,
                                      &ret->diagnosis);
}

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
static void forget_gain(const struct vr_features *f, struct held_out *h,
                        struct vr_model_baseline *b) {
  vr_data_input_clear(&b->gain_input);
  b->has_gain = false;
  b->gain_fit = NAN;
  for (size_t i = 0; i < f->rows; i++)
    h->gain[i] = NAN;
}

/* Puts the static gain in the place of a model that is not worth its inputs and
 * coefficients. Its answers are in H already. */
static int take_gain(const struct vr_features *f, size_t c, struct held_out *h,
                     struct vr_trained *t) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
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
  t->model.fit.free_run = vr_fit_percent(y, h->model, f->used, f->rows);
  vr_fit_run_one_step(&t->model, y, h->model, f->rows, h->one_step);
  t->model.fit.one_step = vr_fit_percent(y, h->one_step, f->used, f->rows);
  vr_fit_describe_choice(f, &choice, t->inputs, sizeof(t->inputs));
  r = vr_fit_interval_of_guest(f, c, h->model, &t->model);
  if (r < 0)
    return r;
  vr_diagnosis_clear(&t->diagnosis);
  return vr_evaluate_diagnose(d, &t->model, h->one_step, f->used,
                              &t->diagnosis);
}

/* A static gain on one series is a model like any other, where it is that which
 * was chosen, or where what was chosen is not worth publishing beside it. It
 * has only the mean left to beat. */
static int judge_gain(const struct vr_features *f, size_t c,
                      const struct vr_train_options *options,
                      struct held_out *h, struct vr_trained *t) {
  const double *y = f->recordings[0].data->y[f->counters[c]];
  struct vr_model_baseline *b = &t->model.baseline;
  if (t->model.n_inputs > 0 && is_its_baseline(&t->model)) {
    forget_gain(f, h, b);
    t->model.withheld = !vr_fit_clearly_beats_baselines(&t->model) ||
                        !wins_most_blocks(f, y, h->mean, h->gain, h->model);
    return 0;
  }
  if (!t->model.withheld || !b->has_gain || options->orders.given ||
      !(b->gain_fit > fmax(b->mean_fit, 0) + WORTH_OF_GAIN) ||
      !wins_most_blocks(f, y, h->mean, NULL, h->gain))
    return 0;
  return take_gain(f, c, h, t);
}

static int train_counter(const struct vr_features *f, size_t c,
                         const struct vr_train_options *options,
                         bool *ret_ordered, struct vr_counter_result *result) {
  vr_cleanup(held_out_clear) struct held_out h = {0};
  result->has_truth = true;
  int r = held_out_new(f->rows, &h);
  if (r == 0)
    r = train_inferred(f, c, options, &h, &result->inferred);
  if (r < 0)
    return r;
  *ret_ordered = h.ordered;
  r = vr_fit_defined(f, c, &result->inferred.model.baseline, h.run,
                     &result->definition);
  return r < 0 ? r : judge_gain(f, c, options, &h, &result->inferred);
}

/* Points of fit that the whole of what the host knows must bring over the VM
 * process alone: what is not there, on another day or host, cannot fail. */
#define GAIN_OF_ASSISTANCE 1.0

/* Counter C (index in F) from all sources, if that is better. */
static int train_assisted(const struct vr_features *f, size_t c,
                          const struct vr_train_options *options,
                          struct vr_counter_result *result) {
  vr_cleanup(held_out_clear) struct held_out h = {0};
  /* What was learned elsewhere has had its chance. */
  struct vr_train_options here = *options;
  here.known = NULL;
  int r = held_out_new(f->rows, &h);
  if (r == 0)
    r = train_inferred(f, c, &here, &h, &result->assisted);
  if (r == 0)
    r = judge_gain(f, c, &here, &h, &result->assisted);
  double alone = result->inferred.model.fit.free_run;
  double fit = result->assisted.model.fit.free_run;
  if (r < 0 || result->assisted.model.n_inputs == 0 ||
      !(isnan(alone) || fit > alone + GAIN_OF_ASSISTANCE))
    trained_clear(&result->assisted);
  return r;
}

/* The counters that only a model can tell, from all that was recorded of the
 * guest. */
static int train_all_assisted(const struct vr_guest_data *data,
                              const struct vr_train_options *options,
                              struct vr_guest_result *result) {
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  struct vr_error error;
  int r = vr_features_build(&data, 1, VR_VM_PROCESS | VR_DEVICE | VR_BALLOON,
                            false, &f, &error);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    if (!result->counters[f.counters[c]].definition.is_there)
      r = train_assisted(&f, c, options, &result->counters[f.counters[c]]);
  return r;
}

int vr_fit_guest(const struct vr_guest_data *data,
                 const struct vr_train_options *options,
                 struct vr_guest_result *ret_result,
                 struct vr_error *ret_error) {
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(&data, 1, VR_VM_PROCESS, false, &f, ret_error);
  if (r < 0)
    return r;
  struct vr_guest_result result = {.data = data};
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    result.counters[c].counter = (enum vr_counter)c;
  vr_counter_set not_ordered = 0;
  for (size_t c = 0; r == 0 && c < f.n_counters; c++) {
    bool ordered = true;
    r = train_counter(&f, c, options, &ordered,
                      &result.counters[f.counters[c]]);
    if (!ordered)
      not_ordered |= VR_COUNTER_SET(f.counters[c]);
    vr_progress_add(options->progress, 1);
  }
  if (r == 0 && !options->orders.given)
    r = train_all_assisted(data, options, &result);
  if (r < 0) {
    snprintf(ret_error->message, sizeof(ret_error->message), "guest %s: %s",
             data->guest, strerror(-r));
    vr_fit_guest_result_clear(&result);
    return r;
  }
  char who[160];
  snprintf(who, sizeof(who), "guest %s", data->guest);
  vr_infer_warn(who, not_ordered);
  vr_progress_add(options->progress,
                  vr_counter_count_trainable() - f.n_counters);
  *ret_result = result;
  return 0;
}
