/* SPDX-License-Identifier: MIT */
#include "train/fit/pool_model.h"

#include "train/fit/infer.h"
#include "train/fit/judge.h"
#include "train/fit/pool_verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points of fit over the mean, for a static gain to be published: the target's
 * default of MinFit. */
#define WORTH_OF_GAIN 5.0

void vr_pool_fits_clear(struct vr_pool_fits *f) {
  free(f->of);
  *f = (struct vr_pool_fits){.mean = NAN};
}

int vr_pool_fits_fill(const struct vr_left_out *l, enum vr_counter c,
                      enum vr_way w, struct vr_pool_fits *ret) {
  struct vr_pool_fits fits = {.of = calloc(l->n, sizeof(*fits.of)),
                              .mean = NAN};
  double sum = 0, n = 0;
  if (!fits.of)
    return -ENOMEM;
  for (size_t g = 0; g < l->n; g++) {
    fits.of[g] = vr_left_out_fit_of(l, g, c, w);
    if (!isfinite(fits.of[g]))
      continue;
    sum += fits.of[g];
    n++;
  }
  if (n > 0)
    fits.mean = sum / n;
  *ret = fits;
  return 0;
}

void vr_pool_row_clear(struct vr_pool_row *row) {
  vr_pool_interval_clear(&row->interval);
  vr_pool_fits_clear(&row->by_guest);
  *row = (struct vr_pool_row){0};
}

void vr_pool_model_clear(struct vr_pool_model *k) {
  if (k->is_there)
    vr_model_clear(&k->model);
  vr_pool_row_clear(&k->row);
  free(k->left);
  *k = (struct vr_pool_model){0};
}

int vr_pool_row_fill(const struct vr_left_out *l, enum vr_counter c,
                     enum vr_way w, enum vr_provenance provenance,
                     struct vr_pool_row *row) {
  bool full = w == VR_WAY_INFERRED;
  row->provenance = provenance;
  row->fit = vr_left_out_fit(l, c, w);
  row->known = isfinite(row->fit);
  row->one_step = full ? vr_left_out_fit(l, c, VR_WAY_ONE_STEP) : NAN;
  row->reference_fit = full ? vr_left_out_fit(l, c, VR_WAY_REFERENCE) : NAN;
  row->mean_fit = vr_left_out_fit(l, c, VR_WAY_MEAN);
  row->gain_fit = w == VR_WAY_GAIN ? NAN : vr_left_out_fit(l, c, VR_WAY_GAIN);
  row->expected_fit = vr_left_out_expected_fit(l, c, w);
  row->mean_expected = vr_left_out_expected_fit(l, c, VR_WAY_MEAN);
  row->gain_expected = vr_left_out_expected_fit(l, c, VR_WAY_GAIN);
  int r = vr_pool_fits_fill(l, c, w, &row->by_guest);
  if (r < 0 || !row->known || l->n < 3)
    return r;
  return vr_pool_interval_measure(l, c, w, &row->interval);
}

/* Keeps in K what way W predicted of counter C for guests left out. */
static int keep_left(const struct vr_left_out *l, enum vr_counter c,
                     enum vr_way w, struct vr_pool_model *k) {
  size_t n = 0;
  for (size_t g = 0; g < l->n; g++)
    n += l->left[g].data->grid.rows;
  k->way = w;
  k->left = malloc((n + 1) * sizeof(*k->left));
  if (!k->left)
    return -ENOMEM;
  for (size_t g = 0; g < l->n; g++) {
    const struct vr_predictions *a = &l->left[g];
    memcpy(k->left + k->n_left, a->of[c][w],
           a->data->grid.rows * sizeof(*k->left));
    k->n_left += a->data->grid.rows;
  }
  return 0;
}

/* The time that F's recordings span. */
static void set_span(const struct vr_features *f, struct vr_model_fit *fit) {
  fit->begin = INFINITY;
  fit->end = -INFINITY;
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_timeline *t = &f->recordings[r].data->grid;
    fit->begin = fmin(fit->begin, t->begin);
    fit->end = fmax(fit->end, t->begin + (double)(t->rows - 1) * t->step);
  }
}

/* M for every guest, scored by ROW, with its baselines. */
static int make_generic(const struct vr_features *f, size_t c,
                        const struct vr_pool_row *row, bool with_gain,
                        struct vr_model *m) {
  char *every = strdup("*");
  if (!every)
    return -ENOMEM;
  free(m->guest);
  m->guest = every;
  m->generic = true;
  m->fit.free_run = row->fit;
  m->fit.one_step = row->one_step;
  m->fit.rows = vr_features_rows(f, c, vr_feature_folds(f));
  set_span(f, &m->fit);
  struct vr_model_baseline *b = &m->baseline;
  int r = vr_infer_baseline(f, c, 1, b);
  if (r < 0)
    return r;
  b->mean_fit = row->mean_fit;
  if (with_gain && b->has_gain)
    b->gain_fit = row->gain_fit;
  if (with_gain || !b->has_gain)
    return 0;
  vr_data_input_clear(&b->gain_input);
  b->has_gain = false;
  b->gain_fit = NAN;
  return 0;
}

static int infer_model(const struct vr_left_out *l, const struct vr_features *f,
                       size_t c, const struct vr_train_options *options,
                       struct vr_pool_model *k) {
  enum vr_counter counter = f->counters[c];
  struct vr_choice choice;
  int r = vr_pool_row_fill(l, counter, VR_WAY_INFERRED, VR_INFERRED, &k->row);
  if (r < 0)
    return r;
  r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, &k->model);
  if (r < 0)
    return r;
  k->is_there = true;
  k->ordered = r != 1;
  vr_fit_describe_choice(f, &choice, k->inputs, sizeof(k->inputs));
  r = make_generic(f, c, &k->row, true, &k->model);
  k->model.withheld =
      !vr_judge_beats_baselines_by(&k->model,
                                   vr_judge_margin(k->model.counter)) ||
      !vr_pool_is_better(l, counter, VR_WAY_INFERRED, VR_WAY_MEAN) ||
      !vr_pool_is_better(l, counter, VR_WAY_INFERRED, VR_WAY_GAIN);
  if (r == 0)
    r = keep_left(l, counter, VR_WAY_INFERRED, k);
  return r < 0 ? r
               : vr_pool_interval_set(l, VR_WAY_INFERRED, &k->row.interval,
                                      &k->model);
}

/* The static gain in the place of a model that is not worth its inputs. */
static int take_gain(const struct vr_left_out *l, const struct vr_features *f,
                     size_t c, struct vr_pool_model *k) {
  struct vr_pool_model gain = {.is_there = true, .ordered = true};
  struct vr_choice choice;
  int r =
      vr_pool_row_fill(l, f->counters[c], VR_WAY_GAIN, VR_INFERRED, &gain.row);
  if (r == 0)
    r = vr_infer_gain(f, c, vr_feature_folds(f), &choice, &gain.model);
  if (r < 0) {
    vr_pool_row_clear(&gain.row);
    return r;
  }
  vr_fit_describe_choice(f, &choice, gain.inputs, sizeof(gain.inputs));
  r = make_generic(f, c, &gain.row, false, &gain.model);
  if (r == 0)
    r = vr_pool_interval_set(l, VR_WAY_GAIN, &gain.row.interval, &gain.model);
  if (r == 0)
    r = keep_left(l, f->counters[c], VR_WAY_GAIN, &gain);
  vr_pool_model_clear(k);
  *k = gain;
  return r;
}

int vr_pool_model_of(const struct vr_left_out *l, const struct vr_features *f,
                     size_t c, const struct vr_train_options *options,
                     struct vr_pool_model *k) {
  int r = infer_model(l, f, c, options, k);
  double gain = k->row.gain_fit;
  if (r < 0 || !k->model.withheld || options->orders.given ||
      l->n < VR_POOL_ENOUGH ||
      !(gain > fmax(k->row.mean_fit, 0) +
                   fmax(WORTH_OF_GAIN, vr_judge_margin(f->counters[c]))) ||
      !vr_pool_is_better(l, f->counters[c], VR_WAY_GAIN, VR_WAY_MEAN))
    return r;
  return take_gain(l, f, c, k);
}
