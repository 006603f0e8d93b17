/* SPDX-License-Identifier: MIT */
#include "train/fit/left_out.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/data/definitions.h"
#include "train/fit/build_features.h"
#include "train/fit/cpu_law.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void predictions_clear(struct vr_predictions *a) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    for (int w = 0; w < VR_WAYS; w++)
      free(a->of[c][w]);
  *a = (struct vr_predictions){0};
}

static int predictions_new(const struct vr_guest_data *d,
                           struct vr_predictions *a) {
  *a = (struct vr_predictions){.data = d};
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    for (int w = 0; w < VR_WAYS; w++) {
      a->of[c][w] = malloc((d->grid.rows + 1) * sizeof(double));
      if (!a->of[c][w])
        return -ENOMEM;
      for (size_t i = 0; i < d->grid.rows; i++)
        a->of[c][w][i] = NAN;
    }
  return 0;
}

/* Runs MODEL, which may be NULL when making it gave ERROR, and releases it. */
static int predict(int error, struct vr_model *m, const struct vr_guest_data *d,
                   double *ret) {
  if (error < 0)
    return error == -ENOMEM ? error : 0;
  int r = vr_fit_run_model(d, m, ret);
  vr_model_clear(m);
  return r == -ENOMEM ? r : 0;
}

/* The N guests that are left to learn from. */
struct others {
  size_t n;
  const struct vr_guest_data *data[VR_POOL_MAX_GUESTS];
};

/* By the first definition of C that D has the series of. */
static int predict_directly(enum vr_counter c, const struct vr_guest_data *d,
                            double *ret) {
  const struct vr_direct *def;
  for (size_t i = 0; (def = vr_definitions_of(c, i)); i++) {
    struct vr_model m;
    if (!vr_definitions_serve(def->accelerator, d->accelerator))
      continue;
    int r = vr_definitions_model(def, d->guest, 1, &m);
    if (r == 0)
      r = vr_fit_run_model(d, &m, ret);
    if (r != -ENOMEM)
      vr_model_clear(&m);
    if (r == 0 || r == -ENOMEM)
      return r;
  }
  return 0;
}

static int predict_definition(enum vr_counter c, const struct others *others,
                              const struct vr_train_options *options,
                              struct vr_predictions *a) {
  double **of = a->of[c];
  int r =
      vr_cpu_law_predict(a->data, c, NULL, 0, options, of[VR_WAY_DEFINITION]);
  if (r == -ENOENT)
    return predict_directly(c, a->data, of[VR_WAY_DEFINITION]);
  if (r == 0)
    r = vr_cpu_law_predict(a->data, c, others->data, others->n, options,
                           of[VR_WAY_CALIBRATED]);
  return r;
}

/* The model that is inferred, and for the report, too, when it is SHOWN, its
 * predictions and the free run of the reference orders on its inputs. */
static int predict_inferred(const struct vr_features *f, size_t c,
                            const struct vr_train_options *options, bool shown,
                            struct vr_predictions *a) {
  const struct vr_guest_data *d = a->data;
  enum vr_counter counter = f->counters[c];
  double **of = a->of[counter];
  unsigned folds = vr_feature_folds(f);
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, folds, &choice, &m);
  if (r < 0)
    return r;
  r = vr_fit_run_model(d, &m, of[VR_WAY_INFERRED]);
  if (r == 0 && shown && d->y[counter])
    vr_fit_run_one_step(&m, d->y[counter], of[VR_WAY_INFERRED], d->grid.rows,
                        of[VR_WAY_ONE_STEP]);
  vr_model_clear(&m);
  if (r < 0 || !shown || choice.n_inputs == 0)
    return r == -ENOMEM ? r : 0;
  r = vr_infer_ordered(f, c, &choice, &vr_given_reference_orders, folds, &m);
  return predict(r, &m, d, of[VR_WAY_REFERENCE]);
}

/* All ways of one counter, learned on F. */
static int predict_counter(const struct vr_features *f, size_t c,
                           const struct others *others,
                           const struct vr_train_options *options, bool shown,
                           struct vr_predictions *a) {
  const struct vr_guest_data *d = a->data;
  enum vr_counter counter = f->counters[c];
  unsigned folds = vr_feature_folds(f);
  struct vr_choice choice;
  struct vr_model m;
  int r = predict_inferred(f, c, options, shown, a);
  if (r == 0)
    r = vr_infer_gain(f, c, folds, &choice, &m);
  if (r == 0 || r == -ENOENT)
    r = predict(r, &m, d, a->of[counter][VR_WAY_GAIN]);
  double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
  for (size_t i = 0; i < d->grid.rows; i++)
    a->of[counter][VR_WAY_MEAN][i] = per * vr_features_mean(f, c, folds);
  return r == 0 ? predict_definition(counter, others, options, a) : r;
}

/* What the guests in the set OTHERS teach about guest G. */
static int predict_guest(const struct vr_guest_data *const *data, size_t n,
                         unsigned others, size_t g,
                         const struct vr_train_options *options, bool shown,
                         struct vr_predictions *ret, struct vr_error *error) {
  struct others from = {0};
  for (size_t i = 0; i < n; i++)
    if (others >> i & 1)
      from.data[from.n++] = data[i];
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(from.data, from.n, VR_VM_PROCESS, from.n > 1, &f,
                            error);
  if (r == 0)
    r = predictions_new(data[g], ret);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    r = predict_counter(&f, c, &from, options, shown, ret);
  vr_train_add_progress(options, 1);
  return r;
}

const double *vr_left_out_truth(const struct vr_predictions *a,
                                enum vr_counter c) {
  return a->data->y[c];
}

double vr_left_out_fit(const struct vr_left_out *l, enum vr_counter c,
                       enum vr_way w) {
  struct vr_model_fit_sums s = {0};
  for (size_t g = 0; g < l->n; g++) {
    const double *y = vr_left_out_truth(&l->left[g], c);
    if (y)
      vr_model_fit_add(&s, y, l->left[g].of[c][w], NULL,
                       l->left[g].data->grid.rows);
  }
  return vr_model_fit_percent(s.error, s.spread);
}

double vr_left_out_fit_of(const struct vr_left_out *l, size_t g,
                          enum vr_counter c, enum vr_way w) {
  const double *y = vr_left_out_truth(&l->left[g], c);
  return y ? vr_model_fit_of(y, l->left[g].of[c][w], NULL,
                             l->left[g].data->grid.rows)
           : NAN;
}

void vr_left_out_clear(struct vr_left_out *l) {
  for (size_t i = 0; l->left && i < l->n; i++)
    predictions_clear(&l->left[i]);
  for (size_t i = 0; l->pairs && i < l->n * l->n; i++)
    predictions_clear(&l->pairs[i]);
  free(l->left);
  free(l->pairs);
}

static void report_guest(const struct vr_train_options *options,
                         const char *guest, size_t done, size_t n) {
  char text[256];
  if (!options->progress)
    return;
  snprintf(text, sizeof(text), "guest %s left out: %zu of %zu", guest, done, n);
  options->progress->line(options->progress->data, text);
}

int vr_left_out_predict(const struct vr_guest_data *const *data, size_t n,
                        const struct vr_train_options *options,
                        struct vr_left_out *l, struct vr_error *error) {
  l->n = n;
  l->left = calloc(n, sizeof(*l->left));
  l->pairs = calloc(n * n, sizeof(*l->pairs));
  if (!l->left || !l->pairs)
    return -ENOMEM;
  unsigned all = (1u << n) - 1;
  int r = 0;
  for (size_t g = 0; r == 0 && g < n; g++) {
    unsigned others = all & ~(1u << g);
    r = predict_guest(data, n, others, g, options, true, &l->left[g], error);
    for (size_t h = 0; r == 0 && n > 2 && h < n; h++)
      if (h != g)
        r = predict_guest(data, n, others & ~(1u << h), h, options, false,
                          &l->pairs[g * n + h], error);
    if (r == 0)
      report_guest(options, data[g]->guest, g + 1, n);
  }
  return r;
}
