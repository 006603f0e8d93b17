/* SPDX-License-Identifier: MIT */
#include "train/fit/train_guest.h"

#include "basic/cleanup.h"
#include "train/fit/guest_features.h"
#include "train/fit/infer.h"
#include "train/fit/outer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_fit_guest_result_clear(struct vr_guest_result *r) {
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    vr_trained_clear(&r->counters[c].definition);
    vr_trained_clear(&r->counters[c].assisted);
    vr_trained_clear(&r->counters[c].inferred);
  }
  free(r->error);
  *r = (struct vr_guest_result){0};
}

void vr_fit_guest_result_let_go(struct vr_guest_result *r) {
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    vr_trained_let_go(&r->counters[c].definition);
    vr_trained_let_go(&r->counters[c].assisted);
    vr_trained_let_go(&r->counters[c].inferred);
  }
}

static bool is_wanted(const struct vr_features *f, size_t c,
                      const struct vr_train_options *options) {
  return !vr_counter_in(options->unwanted, f->counters[c]);
}

/* The counters that only a model can give, from all that was recorded of the
 * guest. */
static int train_all_assisted(struct vr_features *f,
                              const struct vr_train_options *options,
                              struct vr_guest_result *result) {
  int r = vr_features_describe(f);
  for (size_t c = 0; r == 0 && c < f->n_counters; c++)
    if (is_wanted(f, c, options) &&
        !result->counters[f->counters[c]].definition.is_there)
      r = vr_train_counter_assisted(f, c, options,
                                    &result->counters[f->counters[c]]);
  return r;
}

/* Trains all counters of DATA on its features S, as far as it goes without a
 * look at an outer part. */
static int train_all(const struct vr_guest_data *data,
                     struct vr_guest_features *s,
                     const struct vr_train_options *options,
                     struct vr_guest_result *ret_result,
                     vr_counter_set *ret_not_ordered) {
  struct vr_features *f = &s->alone;
  struct vr_guest_result result = {.data = data};
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    result.counters[c].counter = (enum vr_counter)c;
  vr_counter_set not_ordered = 0;
  int r = vr_features_describe(f);
  for (size_t c = 0; r == 0 && c < f->n_counters; c++) {
    bool ordered = true;
    if (!is_wanted(f, c, options))
      continue;
    r = vr_train_counter(f, c, options, &ordered,
                         &result.counters[f->counters[c]]);
    if (!ordered)
      not_ordered |= VR_COUNTER_SET(f->counters[c]);
    vr_train_add_progress(options, 1);
  }
  if (r == 0 && s->has_all)
    r = train_all_assisted(&s->all, options, &result);
  if (r < 0) {
    vr_fit_guest_result_clear(&result);
    return r;
  }
  vr_train_add_progress(options, vr_counter_count_trainable() - f->n_counters);
  *ret_not_ordered = not_ordered;
  *ret_result = result;
  return 0;
}

/* Is T to be published, if that is confirmed? */
static bool is_open(const struct vr_trained *t) {
  return t->is_there && !t->model.withheld;
}

/* The counters of which no model's publication is to be confirmed. */
static vr_counter_set all_settled(const struct vr_guest_result *r) {
  vr_counter_set settled = 0;
  for (size_t c = 0; c < VR_COUNTERS; c++)
    if (!is_open(&r->counters[c].inferred) &&
        !is_open(&r->counters[c].assisted))
      settled |= VR_COUNTER_SET(c);
  return settled;
}

/* The options of a training that only confirms RESULT. */
static struct vr_train_options
options_of_rehearsal(const struct vr_train_options *options,
                     const struct vr_guest_result *result) {
  struct vr_train_options quiet = *options;
  quiet.progress = NULL;
  quiet.silent = quiet.brief = quiet.rehearsal = true;
  quiet.unwanted = result ? all_settled(result) : 0;
  return quiet;
}

static bool is_none_wanted(const struct vr_train_options *o) {
  return (~o->unwanted & (VR_COUNTER_SET(VR_COUNTERS) - 1)) == 0;
}

/* Lets stand what EARLY, the same training on the time before, would have kept
 * in the last part. */
static int confirm_by(const struct vr_guest_result *early,
                      struct vr_guest_result *result) {
  int r = 0;
  for (size_t c = 0; r == 0 && c < VR_COUNTERS; c++) {
    struct vr_counter_result *k = &result->counters[c];
    const struct vr_counter_result *e = &early->counters[c];
    r = vr_outer_confirm_inferred(result->data, &e->inferred, k);
    if (r == 0)
      r = vr_outer_confirm(result->data,
                           e->assisted.is_there ? &e->assisted : &e->inferred,
                           &k->assisted);
  }
  return r;
}

static int confirm_all(const struct vr_guest_data *before,
                       struct vr_guest_features *early_features,
                       const struct vr_train_options *options,
                       struct vr_guest_result *result) {
  struct vr_train_options quiet = options_of_rehearsal(options, result);
  struct vr_guest_result early = {0};
  vr_counter_set unused;
  if (is_none_wanted(&quiet))
    return 0;
  int r = 0;
  if (early_features->has_alone)
    r = vr_guest_features_compute(early_features, NULL);
  if (r == 0 && early_features->has_alone)
    r = train_all(before, early_features, &quiet, &early, &unused);
  if (r != -ENOMEM)
    r = confirm_by(&early, result);
  vr_fit_guest_result_clear(&early);
  return r;
}

/* Trains DATA on the features NOW, and on EARLY, which are of BEFORE. */
static int fit(const struct vr_guest_data *data,
               const struct vr_guest_data *before,
               struct vr_guest_features *now, struct vr_guest_features *early,
               const struct vr_train_options *options,
               struct vr_guest_result *ret_result,
               vr_counter_set *ret_not_ordered) {
  int r = vr_guest_features_compute(now, early);
  if (r == 0)
    r = train_all(data, now, options, ret_result, ret_not_ordered);
  if (r < 0)
    return r;
  r = confirm_all(before, early, options, ret_result);
  if (r < 0)
    vr_fit_guest_result_clear(ret_result);
  return r;
}

int vr_fit_guest(const struct vr_guest_data *data,
                 const struct vr_train_options *options,
                 struct vr_guest_result *ret_result,
                 struct vr_error *ret_error) {
  const struct vr_guest_data before = vr_outer_before(data);
  const struct vr_train_options quiet = options_of_rehearsal(options, NULL);
  vr_cleanup(vr_guest_features_clear) struct vr_guest_features now = {0};
  vr_cleanup(vr_guest_features_clear) struct vr_guest_features early = {0};
  vr_counter_set not_ordered;
  struct vr_error unused;
  char who[160];
  int r = vr_guest_features_lay_out(data, options, NULL, &now, ret_error);
  if (r < 0)
    return r;
  r = vr_guest_features_lay_out(&before, &quiet, &now, &early, &unused);
  if (r != -ENOMEM)
    r = fit(data, &before, &now, &early, options, ret_result, &not_ordered);
  if (r < 0)
    return vr_error_set(ret_error, r, "guest %s: %s", data->guest,
                        strerror(-r));
  snprintf(who, sizeof(who), "guest %s", data->guest);
  vr_infer_warn(who, not_ordered);
  return 0;
}
