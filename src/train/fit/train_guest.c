/* SPDX-License-Identifier: MIT */
#include "train/fit/train_guest.h"

#include "basic/cleanup.h"
#include "train/fit/build_features.h"
#include "train/fit/fit_intervals.h"
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

/* Features of DATA for training by OPTIONS. */
static int build(const struct vr_guest_data *data, unsigned origins,
                 const struct vr_train_options *options,
                 struct vr_features *ret, struct vr_error *ret_error) {
  int r = vr_features_build(&data, 1, origins, false, ret, ret_error);
  if (r < 0)
    return r;
  ret->rehearsal = options->rehearsal;
  vr_fit_interval_set_blocks(ret);
  return 0;
}

static bool is_wanted(const struct vr_features *f, size_t c,
                      const struct vr_train_options *options) {
  return !vr_counter_in(options->unwanted, f->counters[c]);
}

/* The counters that only a model can give, from all that was recorded of the
 * guest. */
static int train_all_assisted(const struct vr_guest_data *data,
                              const struct vr_train_options *options,
                              struct vr_guest_result *result) {
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  struct vr_error error;
  /* Files of older versions cannot say what is derived. */
  unsigned own =
      options->format >= VR_MODEL_FILE_VERSION ? VR_FEATURES_OF_ITS_OWN : 0;
  int r = build(data, VR_VM_PROCESS | VR_DEVICE | VR_BALLOON | own, options,
                &f, &error);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    if (is_wanted(&f, c, options) &&
        !result->counters[f.counters[c]].definition.is_there)
      r = vr_train_counter_assisted(&f, c, options,
                                    &result->counters[f.counters[c]]);
  return r;
}

/* Trains all counters of DATA, as far as it goes without a look at an outer
 * part. */
static int train_all(const struct vr_guest_data *data,
                     const struct vr_train_options *options,
                     struct vr_guest_result *ret_result,
                     vr_counter_set *ret_not_ordered,
                     struct vr_error *ret_error) {
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = build(data, VR_VM_PROCESS, options, &f, ret_error);
  if (r < 0)
    return r;
  struct vr_guest_result result = {.data = data};
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    result.counters[c].counter = (enum vr_counter)c;
  vr_counter_set not_ordered = 0;
  for (size_t c = 0; r == 0 && c < f.n_counters; c++) {
    bool ordered = true;
    if (!is_wanted(&f, c, options))
      continue;
    r = vr_train_counter(&f, c, options, &ordered,
                         &result.counters[f.counters[c]]);
    if (!ordered)
      not_ordered |= VR_COUNTER_SET(f.counters[c]);
    vr_train_add_progress(options, 1);
  }
  if (r == 0 && !options->orders.given)
    r = train_all_assisted(data, options, &result);
  if (r < 0) {
    vr_error_set(ret_error, r, "guest %s: %s", data->guest, strerror(-r));
    vr_fit_guest_result_clear(&result);
    return r;
  }
  vr_train_add_progress(options, vr_counter_count_trainable() - f.n_counters);
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
    if (!is_open(&r->counters[c].inferred) && !is_open(&r->counters[c].assisted))
      settled |= VR_COUNTER_SET(c);
  return settled;
}

/* Lets stand what the same training, on the time before, would have kept in the
 * last part. */
static int confirm_all(const struct vr_train_options *options,
                       struct vr_guest_result *result) {
  struct vr_guest_data before = vr_outer_before(result->data);
  struct vr_train_options quiet = *options;
  struct vr_guest_result early = {0};
  struct vr_error error;
  vr_counter_set unused;
  quiet.progress = NULL;
  quiet.silent = quiet.brief = quiet.rehearsal = true;
  quiet.unwanted = all_settled(result);
  if ((~quiet.unwanted & (VR_COUNTER_SET(VR_COUNTERS) - 1)) == 0)
    return 0;
  int r = train_all(&before, &quiet, &early, &unused, &error);
  if (r == -ENOMEM)
    return r;
  r = 0;
  for (size_t c = 0; r == 0 && c < VR_COUNTERS; c++) {
    struct vr_counter_result *k = &result->counters[c];
    const struct vr_counter_result *e = &early.counters[c];
    r = vr_outer_confirm_inferred(result->data, &e->inferred, k);
    if (r == 0)
      r = vr_outer_confirm(result->data,
                           e->assisted.is_there ? &e->assisted : &e->inferred,
                           &k->assisted);
  }
  vr_fit_guest_result_clear(&early);
  return r;
}

int vr_fit_guest(const struct vr_guest_data *data,
                 const struct vr_train_options *options,
                 struct vr_guest_result *ret_result,
                 struct vr_error *ret_error) {
  struct vr_guest_result result;
  vr_counter_set not_ordered;
  char who[160];
  int r = train_all(data, options, &result, &not_ordered, ret_error);
  if (r < 0)
    return r;
  r = confirm_all(options, &result);
  if (r < 0) {
    vr_fit_guest_result_clear(&result);
    return vr_error_set(ret_error, r, "guest %s: %s", data->guest,
                        strerror(-r));
  }
  snprintf(who, sizeof(who), "guest %s", data->guest);
  vr_infer_warn(who, not_ordered);
  *ret_result = result;
  return 0;
}
