/* SPDX-License-Identifier: MIT */
#include "train/fit/pool.h"

#include "basic/cleanup.h"
#include "train/data/definitions.h"
#include "train/fit/build_features.h"
#include "train/fit/infer.h"
#include "train/fit/judge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_pool_clear(struct vr_pool *p) {
  for (size_t i = 0; p->guests && i < p->n_guests; i++)
    free(p->guests[i]);
  free(p->guests);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (p->counters[c].has_model)
      vr_model_clear(&p->counters[c].model);
  *p = (struct vr_pool){0};
}

static struct vr_pool_fits fit_guests(const struct vr_left_out *l,
                                      enum vr_counter c, enum vr_way w) {
  struct vr_pool_fits fits = {.mean = NAN};
  double sum = 0;
  size_t n = 0;
  for (size_t g = 0; g < l->n; g++) {
    fits.of[g] = vr_left_out_fit_of(l, g, c, w);
    if (isfinite(fits.of[g])) {
      sum += fits.of[g];
      n++;
    }
  }
  if (n > 0)
    fits.mean = sum / (double)n;
  return fits;
}

static int fill_row(const struct vr_left_out *l, enum vr_counter c,
                    enum vr_way w, enum vr_provenance provenance,
                    struct vr_pool_row *row) {
  row->provenance = provenance;
  row->fit = vr_left_out_fit(l, c, w);
  row->known = isfinite(row->fit);
  row->by_guest = fit_guests(l, c, w);
  row->one_step =
      w == VR_WAY_INFERRED ? vr_left_out_fit(l, c, VR_WAY_ONE_STEP) : NAN;
  row->reference_fit =
      w == VR_WAY_INFERRED ? vr_left_out_fit(l, c, VR_WAY_REFERENCE) : NAN;
  row->mean_fit = vr_left_out_fit(l, c, VR_WAY_MEAN);
  row->gain_fit = vr_left_out_fit(l, c, VR_WAY_GAIN);
  if (!row->known || l->n < 3)
    return 0;
  return vr_pool_interval_measure(l, c, w, &row->interval);
}

/* Gives K's model its baselines, with the fits that they had on guests left
 * out, and decides whether it may be published. */
static int judge(const struct vr_features *f, size_t c,
                 struct vr_pool_counter *k) {
  struct vr_model_baseline *b = &k->model.baseline;
  int r = vr_infer_baseline(f, c, 1, b);
  if (r < 0)
    return r;
  b->mean_fit = k->inferred.mean_fit;
  if (b->has_gain)
    b->gain_fit = k->inferred.gain_fit;
  k->model.withheld = !vr_judge_beats_baselines_by(&k->model, VR_JUDGE_MARGIN);
  return 0;
}

static int pool_model(const struct vr_left_out *l, const struct vr_features *f,
                      size_t c, const struct vr_train_options *options,
                      struct vr_pool_counter *k) {
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, &m);
  if (r < 0)
    return r;
  k->ordered = r != 1;
  char *every = strdup("*");
  if (!every) {
    vr_model_clear(&m);
    return -ENOMEM;
  }
  free(m.guest);
  m.guest = every;
  m.generic = true;
  m.fit.free_run = k->inferred.fit;
  m.fit.one_step = k->inferred.one_step;
  m.fit.rows = vr_features_rows(f, c, vr_feature_folds(f));
  vr_fit_describe_choice(f, &choice, k->inputs, sizeof(k->inputs));
  k->model = m;
  k->has_model = true;
  r = judge(f, c, k);
  if (r < 0)
    return r;
  return vr_pool_interval_set(l, &k->inferred.interval, &k->model);
}

static enum vr_provenance defined_as(enum vr_counter c) {
  const struct vr_direct *def = vr_definitions_of(c, 0);
  return def ? def->provenance : VR_INFERRED;
}

static int check(const struct vr_guest_data *const *data, size_t n,
                 struct vr_error *error) {
  if (n < 2 || n > VR_POOL_MAX_GUESTS) {
    snprintf(error->message, sizeof(error->message),
             "pooling takes 2 to %d guests whose own collectd's values are "
             "recorded here, not %zu: --list names what there is",
             VR_POOL_MAX_GUESTS, n);
    return -ENODATA;
  }
  for (size_t i = 1; i < n; i++)
    if (data[i]->grid.step != data[0]->grid.step ||
        data[i]->accelerator != data[0]->accelerator) {
      snprintf(error->message, sizeof(error->message),
               "guests %s and %s differ in step or accelerator: not pooled",
               data[0]->guest, data[i]->guest);
      return -EINVAL;
    }
  return 0;
}

static int name_guests(const struct vr_guest_data *const *data, size_t n,
                       struct vr_pool *p) {
  p->guests = calloc(n, sizeof(*p->guests));
  if (!p->guests)
    return -ENOMEM;
  for (p->n_guests = 0; p->n_guests < n; p->n_guests++)
    if (!(p->guests[p->n_guests] = strdup(data[p->n_guests]->guest)))
      return -ENOMEM;
  return 0;
}

static int pool_all(const struct vr_guest_data *const *data, size_t n,
                    const struct vr_train_options *options, struct vr_pool *p,
                    struct vr_error *error) {
  vr_cleanup(vr_left_out_clear) struct vr_left_out l = {0};
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  vr_counter_set not_ordered = 0;
  int r = vr_left_out_predict(data, n, options, &l, error);
  if (r == 0)
    r = vr_features_build(data, n, VR_VM_PROCESS, true, &f, error);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++) {
    enum vr_counter counter = f.counters[c];
    struct vr_pool_counter *k = &p->counters[counter];
    r = fill_row(&l, counter, VR_WAY_INFERRED, VR_INFERRED, &k->inferred);
    if (r == 0)
      r = fill_row(&l, counter, VR_WAY_DEFINITION, defined_as(counter),
                   &k->definition);
    k->calibrated = fit_guests(&l, counter, VR_WAY_CALIBRATED);
    if (r == 0)
      r = pool_model(&l, &f, c, options, k);
    if (r == 0 && !k->ordered)
      not_ordered |= VR_COUNTER_SET(counter);
  }
  vr_train_add_progress(options, 1);
  if (r == 0)
    vr_infer_warn("pooling", not_ordered);
  return r;
}

size_t vr_pool_steps(size_t n) { return 1 + (n > 2 ? n * n : n); }

int vr_pool_train(const struct vr_guest_data *const *data, size_t n,
                  const struct vr_train_options *options,
                  struct vr_pool *ret_pool, struct vr_error *ret_error) {
  struct vr_pool p = {0};
  int r = check(data, n, ret_error);
  if (r < 0)
    return r;
  p.step = data[0]->grid.step;
  snprintf(ret_error->message, sizeof(ret_error->message), "pooling: %s",
           strerror(ENOMEM));
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    p.counters[c].counter = (enum vr_counter)c;
  r = name_guests(data, n, &p);
  if (r == 0)
    r = pool_all(data, n, options, &p, ret_error);
  if (r < 0)
    vr_pool_clear(&p);
  else
    *ret_pool = p;
  return r;
}
