/* SPDX-License-Identifier: MIT */
#include "train/fit/train_counter.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/fit/defined.h"
#include "train/fit/fall_back.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/give_way.h"
#include "train/fit/held_out.h"
#include "train/fit/infer.h"
#include "train/fit/judge.h"
#include "train/fit/levels.h"
#include "train/fit/prefer_known.h"

#include <errno.h>
#include <math.h>

/* The model of counter C that is inferred from the sources of F. */
static int train_inferred(const struct vr_features *f, size_t c,
                          const struct vr_train_options *options,
                          struct vr_held_out *h, struct vr_trained *ret) {
  const double *y = f->recordings[0].data->y[f->counters[c]];
  struct vr_choice choice;
  struct vr_model *m = &ret->model;
  int r = vr_held_out_predict(f, c, options, h);
  if (r < 0)
    return r;
  r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, m);
  if (r < 0)
    return r;
  h->ordered = h->ordered && r != 1;
  ret->is_there = true;
  r = vr_held_out_baseline(f, c, h, &m->baseline);
  if (r < 0)
    return r;
  vr_infer_span(f, c, &m->fit);
  m->fit.free_run = vr_model_fit_of(y, h->model, f->used, f->rows);
  m->fit.one_step = vr_model_fit_of(y, h->one_step, f->used, f->rows);
  m->withheld = !vr_judge_beats_baselines_by(m, vr_judge_margin(m->counter)) ||
                !vr_judge_wins_most_blocks(f, y, h->mean, h->gain, h->model) ||
                !vr_judge_is_confident(f, y, h->mean, h->gain, h->model,
                                       vr_fit_interval_block_of(f, c));
  ret->reference_fit = vr_model_fit_of(y, h->reference, f->used, f->rows);
  vr_fit_describe_choice(f, &choice, ret->inputs, sizeof(ret->inputs));
  r = vr_prefer_known(f, c, options, h, ret);
  return r < 0 ? r
               : vr_trained_keep(ret, h->model,
                                 options->brief ? NULL : h->one_step, f->used,
                                 f->rows);
}

static void judge_levels(const struct vr_features *f,
                         const struct vr_train_options *options,
                         const struct vr_held_out *h, struct vr_trained *t) {
  vr_levels_judge(f->recordings[0].data, f->used, h->model, h->mean, h->gain,
                  options->format, t);
}

void vr_train_counter_order(const struct vr_counter_result *k,
                            const struct vr_trained *ret[VR_TRAINED_KINDS]) {
  size_t n = 0;
  if (vr_train_counter_gives_way(k))
    ret[n++] = &k->inferred;
  ret[n++] = &k->definition;
  ret[n++] = &k->assisted;
  if (n < VR_TRAINED_KINDS)
    ret[n++] = &k->inferred;
}

/* Does the definition give way? */
static void compare_with_definition(const struct vr_features *f, size_t c,
                                    const struct vr_train_options *options,
                                    struct vr_counter_result *k) {
  const double *y = f->recordings[0].data->y[f->counters[c]];
  const struct vr_trained *d = &k->definition, *t = &k->inferred;
  if (d->is_there &&
      vr_give_way_may(&t->model, d->model.provenance, d->model.fit.free_run,
                      options->format) &&
      vr_judge_wins_most_blocks(f, y, d->free_run, NULL, t->free_run) &&
      vr_judge_is_better(f->used, 0, f->rows, y, d->free_run, t->free_run,
                         vr_fit_interval_block_of(f, c)))
    vr_give_way_to(&k->inferred.model);
}

int vr_train_counter(const struct vr_features *f, size_t c,
                     const struct vr_train_options *options, bool *ret_ordered,
                     struct vr_counter_result *result) {
  vr_cleanup(vr_held_out_clear) struct vr_held_out h = {0};
  result->has_truth = true;
  int r = vr_held_out_new(f->rows, &h);
  if (r == 0)
    r = train_inferred(f, c, options, &h, &result->inferred);
  if (r < 0)
    return r;
  *ret_ordered = h.ordered;
  r = vr_fit_defined(f, c, options, &result->inferred.model.baseline, h.run,
                     &result->definition);
  if (r == 0)
    r = vr_fall_back_to_gain(f, c, options, &h, &result->inferred);
  if (r == 0)
    r = vr_fit_interval_of_guest(f, c, h.model, &result->inferred.model);
  if (options->rehearsal) {
    vr_trained_let_go(&result->inferred);
    vr_trained_let_go(&result->definition);
    return r;
  }
  if (r == 0)
    compare_with_definition(f, c, options, result);
  if (r == 0)
    judge_levels(f, options, &h, &result->inferred);
  return r;
}

/* Points of fit that the whole of what the host knows must bring over the VM
 * process alone: what is not there, on another day or host, cannot fail. */
#define GAIN_OF_ASSISTANCE 1.0

int vr_train_counter_assisted(const struct vr_features *f, size_t c,
                              const struct vr_train_options *options,
                              struct vr_counter_result *result) {
  vr_cleanup(vr_held_out_clear) struct vr_held_out h = {0};
  /* What was learned elsewhere has had its chance. */
  struct vr_train_options here = *options;
  here.known = NULL;
  int r = vr_held_out_new(f->rows, &h);
  if (r == 0)
    r = train_inferred(f, c, &here, &h, &result->assisted);
  if (r == 0)
    r = vr_fall_back_to_gain(f, c, &here, &h, &result->assisted);
  if (r == 0)
    judge_levels(f, options, &h, &result->assisted);
  double alone = result->inferred.model.fit.free_run;
  double fit = result->assisted.model.fit.free_run;
  if (r < 0 || result->assisted.model.n_inputs == 0 ||
      !(isnan(alone) || fit > alone + GAIN_OF_ASSISTANCE)) {
    vr_trained_clear(&result->assisted);
    return r;
  }
  return vr_fit_interval_of_guest(f, c, h.model, &result->assisted.model);
}
