/* SPDX-License-Identifier: MIT */
#include "train/evaluate/compare_truths.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/data/totals.h"
#include "train/fit/build_features.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_evaluate_compare_clear(struct vr_compare *c) {
  for (size_t g = 0; g < c->n_guests; g++)
    free(c->guests[g]);
  *c = (struct vr_compare){0};
}

enum way { OWN, INTROSPECTED, MEAN, WAYS };

/* The fits of one guest or several. */
struct sums {
  struct vr_model_fit_sums of[WAYS];
  bool not_ordered; /* the orders given could not be estimated somewhere */
};

/* What all guests but G teach, from the truth W. */
static int learn(const struct vr_two_truths *guests, size_t n, size_t g,
                 enum way w, struct vr_features *ret, struct vr_error *error) {
  const struct vr_guest_data *from[VR_COMPARE_MAX_GUESTS];
  size_t k = 0;
  for (size_t h = 0; h < n; h++)
    if (h != g)
      from[k++] = w == OWN ? &guests[h].own : &guests[h].introspected;
  return vr_features_build(from, k, VR_VM_PROCESS, k > 1, ret, error);
}

/* The model of counter number C of F, run on the guest D. Where there is none,
 * nothing is added. */
static int run_counter(const struct vr_features *f, size_t c,
                       const struct vr_train_options *options,
                       const struct vr_guest_data *d, double *x, struct sums *s,
                       enum way w) {
  enum vr_counter counter = f->counters[c];
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, &m);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  s[counter].not_ordered = s[counter].not_ordered || r == 1;
  r = vr_fit_run_model(d, &m, x);
  vr_model_clear(&m);
  if (r == 0)
    vr_model_fit_add(&s[counter].of[w], d->y[counter], x, NULL, d->grid.rows);
  if (r == 0 && w == OWN) {
    double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
    for (size_t i = 0; i < d->grid.rows; i++)
      x[i] = per * vr_features_mean(f, c, vr_feature_folds(f));
    vr_model_fit_add(&s[counter].of[MEAN], d->y[counter], x, NULL,
                     d->grid.rows);
  }
  return r == -ENOMEM ? r : 0;
}

static bool has_both(const struct vr_two_truths *t, enum vr_counter c) {
  return t->own.y[c] && t->introspected.y[c];
}

/* Models of truth W predict for guest G. */
static int leave_out(const struct vr_two_truths *guests, size_t n, size_t g,
                     const struct vr_train_options *options, enum way w,
                     struct sums *s, struct vr_error *error) {
  const struct vr_guest_data *d = &guests[g].own;
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  vr_auto_free double *x = calloc(d->grid.rows + 1, sizeof(*x));
  int r = x ? learn(guests, n, g, w, &f, error) : -ENOMEM;
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    if (has_both(&guests[g], f.counters[c]))
      r = run_counter(&f, c, options, d, x, s, w);
  return r;
}

static double fit(const struct sums *s, enum way w) {
  return vr_model_fit_percent(s->of[w].error, s->of[w].spread);
}

static struct vr_compare_row row_of(const struct sums *s, double apart) {
  return (struct vr_compare_row){.own = fit(s, OWN),
                                 .introspected = fit(s, INTROSPECTED),
                                 .mean = fit(s, MEAN),
                                 .apart = apart};
}

static double apart(const struct vr_two_truths *t, enum vr_counter c) {
  return has_both(t, c)
             ? vr_totals_mean_of_known(t->introspected.y[c],
                                       t->introspected.grid.rows) -
                   vr_totals_mean_of_known(t->own.y[c], t->own.grid.rows)
             : NAN;
}

static int compare_guest(const struct vr_two_truths *guests, size_t n, size_t g,
                         const struct vr_train_options *options,
                         struct sums *all, struct vr_compare *ret,
                         struct vr_error *error) {
  struct sums s[VR_COUNTERS] = {0};
  int r = leave_out(guests, n, g, options, OWN, s, error);
  if (r == 0)
    r = leave_out(guests, n, g, options, INTROSPECTED, s, error);
  if (r < 0)
    return r;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    ret->rows[g][c] = row_of(&s[c], apart(&guests[g], (enum vr_counter)c));
    all[c].not_ordered = all[c].not_ordered || s[c].not_ordered;
    for (int w = 0; w < WAYS; w++) {
      all[c].of[w].error += s[c].of[w].error;
      all[c].of[w].spread += s[c].of[w].spread;
    }
  }
  ret->guests[g] = strdup(guests[g].own.guest);
  ret->n_guests = g + 1;
  return ret->guests[g] ? 0 : -ENOMEM;
}

static int check(const struct vr_two_truths *guests, size_t n,
                 struct vr_error *error) {
  if (n < 2 || n > VR_COMPARE_MAX_GUESTS) {
    snprintf(error->message, sizeof(error->message),
             "comparing truths takes 2 to %d guests that have both, not %zu",
             VR_COMPARE_MAX_GUESTS, n);
    return -ENODATA;
  }
  const struct vr_guest_data *first = &guests[0].own;
  for (size_t i = 0; i < n; i++)
    if (guests[i].own.grid.step != first->grid.step ||
        guests[i].introspected.grid.step != first->grid.step ||
        guests[i].own.accelerator != first->accelerator) {
      snprintf(error->message, sizeof(error->message),
               "guests %s and %s differ in step or accelerator: not compared",
               guests[i].own.guest, first->guest);
      return -EINVAL;
    }
  return 0;
}

int vr_evaluate_compare_truths(const struct vr_two_truths *guests, size_t n,
                               const struct vr_train_options *options,
                               struct vr_compare *ret_compare,
                               struct vr_error *ret_error) {
  struct sums all[VR_COUNTERS] = {0};
  struct vr_compare c = {0};
  int r = check(guests, n, ret_error);
  if (r < 0)
    return r;
  snprintf(ret_error->message, sizeof(ret_error->message), "comparing: %s",
           strerror(ENOMEM));
  for (size_t g = 0; r == 0 && g < n; g++)
    r = compare_guest(guests, n, g, options, all, &c, ret_error);
  if (r < 0) {
    vr_evaluate_compare_clear(&c);
    return r;
  }
  vr_counter_set not_ordered = 0;
  for (int k = vr_counter_trainable(0); k < VR_COUNTERS;
       k = vr_counter_trainable(k + 1)) {
    c.all[k] = row_of(&all[k], NAN);
    not_ordered |= all[k].not_ordered ? VR_COUNTER_SET(k) : 0;
  }
  vr_infer_warn("comparing", not_ordered);
  *ret_compare = c;
  return 0;
}
