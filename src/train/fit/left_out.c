/* SPDX-License-Identifier: MIT */
#include "train/fit/left_out.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/data/definitions.h"
#include "train/fit/build_features.h"
#include "train/fit/cpu_law.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"
#include "train/share/share.h"

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

/* Models of one counter, learned on some guests. */
struct learned {
  const struct vr_guest_data *const *from; /* those; NULL: many */
  size_t n_from;
  const struct vr_features *f;
  size_t c;       /* index of the counter in f */
  unsigned folds; /* of f, that was learned from */
  const struct vr_train_options *options;
  bool shown; /* for the report: also one step ahead, reference orders */
};

/* The model that is inferred, for each of the N guests A; and, when it is
 * shown, the free run of the reference orders on its inputs. */
static int predict_inferred(const struct learned *l,
                            struct vr_predictions *const *a, size_t n) {
  enum vr_counter counter = l->f->counters[l->c];
  struct vr_choice choice;
  struct vr_model m, reference;
  int r = vr_infer(l->f, l->c, &l->options->orders, l->folds, &choice, &m);
  if (r < 0)
    return r;
  bool has_reference =
      l->shown && choice.n_inputs > 0 &&
      vr_infer_ordered(l->f, l->c, &choice, &vr_given_reference_orders,
                       l->folds, &reference) == 0;
  r = 0;
  for (size_t i = 0; r != -ENOMEM && i < n; i++) {
    const struct vr_guest_data *d = a[i]->data;
    double **of = a[i]->of[counter];
    r = vr_fit_run_model(d, &m, of[VR_WAY_INFERRED]);
    if (r == 0 && l->shown && d->y[counter])
      vr_fit_run_one_step(&m, d->y[counter], of[VR_WAY_INFERRED], d->grid.rows,
                          of[VR_WAY_ONE_STEP]);
    if (r == 0 && has_reference)
      r = vr_fit_run_model(d, &reference, of[VR_WAY_REFERENCE]);
  }
  if (has_reference)
    vr_model_clear(&reference);
  vr_model_clear(&m);
  return r == -ENOMEM ? r : 0;
}

/* The static gain, likewise. */
static int predict_gain(const struct learned *l,
                        struct vr_predictions *const *a, size_t n) {
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer_gain(l->f, l->c, l->folds, &choice, &m);
  if (r < 0)
    return r == -ENOENT ? 0 : r;
  for (size_t i = 0; r != -ENOMEM && i < n; i++)
    r = vr_fit_run_model(a[i]->data, &m,
                         a[i]->of[l->f->counters[l->c]][VR_WAY_GAIN]);
  vr_model_clear(&m);
  return r == -ENOMEM ? r : 0;
}

/* By definition, and where that is a law with weights of the others', too. */
static int predict_definition(const struct learned *l,
                              struct vr_predictions *a) {
  enum vr_counter c = l->f->counters[l->c];
  double **of = a->of[c];
  int r = vr_cpu_law_predict(a->data, c, NULL, 0, l->options,
                             of[VR_WAY_DEFINITION]);
  if (r == -ENOENT)
    return predict_directly(c, a->data, of[VR_WAY_DEFINITION]);
  if (r == 0 && l->from)
    r = vr_cpu_law_predict(a->data, c, l->from, l->n_from, l->options,
                           of[VR_WAY_CALIBRATED]);
  return r;
}

/* All ways of one counter, for each of the N guests A. */
static int predict_counter(const struct learned *l,
                           struct vr_predictions *const *a, size_t n) {
  enum vr_counter c = l->f->counters[l->c];
  double mean = vr_features_mean(l->f, l->c, l->folds);
  int r = predict_inferred(l, a, n);
  if (r == 0)
    r = predict_gain(l, a, n);
  for (size_t k = 0; r == 0 && k < n; k++) {
    const struct vr_guest_data *d = a[k]->data;
    double per = l->f->per[l->c] == VR_PER_VCPU ? d->vcpus : 1;
    for (size_t i = 0; i < d->grid.rows; i++)
      a[k]->of[c][VR_WAY_MEAN][i] = per * mean;
    r = predict_definition(l, a[k]);
  }
  return r;
}

/* The same of all counters that were learned. */
static int predict_all(struct learned l, struct vr_predictions *const *a,
                       size_t n) {
  int r = 0;
  for (l.c = 0; r == 0 && l.c < l.f->n_counters; l.c++)
    r = predict_counter(&l, a, n);
  vr_train_add_progress(l.options, 1);
  return r;
}

/* The guests that are pooled, of which some are learned from. */
struct pooled {
  const struct vr_guest_data *const *data;
  size_t n;
  unsigned origins;
  const struct vr_train_options *options;
};

/* What the guests in the set OTHERS teach about guest G. */
static int predict_guest(const struct pooled *w, unsigned others, size_t g,
                         bool shown, struct vr_predictions *ret,
                         struct vr_error *error) {
  const struct vr_guest_data *from[VR_POOL_FEW];
  size_t k = 0;
  for (size_t i = 0; i < w->n; i++)
    if (others >> i & 1)
      from[k++] = w->data[i];
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(from, k, w->origins, k > 1, &f, error);
  if (r == 0)
    r = predictions_new(w->data[g], ret);
  const struct learned l = {.from = from,
                            .n_from = k,
                            .f = &f,
                            .folds = vr_feature_folds(&f),
                            .options = w->options,
                            .shown = shown};
  return r < 0 ? r : predict_all(l, &ret, 1);
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

double vr_left_out_expected_fit(const struct vr_left_out *l, enum vr_counter c,
                                enum vr_way w) {
  struct vr_model_fit_sums s = {0};
  for (size_t g = 0; g < l->n; g++) {
    const struct vr_guest_data *d = l->left[g].data;
    if (d->expected[c])
      vr_model_fit_add(&s, d->expected[c], l->left[g].of[c][w], NULL,
                       d->grid.rows);
  }
  return s.spread > 0 ? vr_model_fit_percent(s.error, s.spread) : NAN;
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

static void report_guest(const struct pooled *w, size_t g) {
  const struct vr_train_progress *p = w->options->progress;
  char text[256];
  if (!p)
    return;
  snprintf(text, sizeof(text), "guest %s left out%s", w->data[g]->guest,
           w->origins == VR_VM_PROCESS ? "" : ", by all that its host knows");
  p->line(p->data, text);
}

/* What all ways predict of counter C for the guest of A, whose data is there.
 */
static void pack_predictions(struct vr_pack *p, enum vr_counter c,
                             struct vr_predictions *a) {
  for (int w = 0; w < VR_WAYS; w++) {
    if (p->reading)
      free(a->of[c][w]);
    vr_pack_array(p, (void **)&a->of[c][w], a->data->grid.rows, sizeof(double));
  }
}

/* What rounds of leaving out share. */
struct leaving {
  const struct pooled *w;
  const struct vr_features *f; /* of all; many guests' */
  struct vr_left_out *l;
};

/* Guest i / n, alone where that is i % n, too, or i % n with it left out. */
static int leave_out_pair(void *user, size_t i, struct vr_error *error) {
  const struct leaving *x = user;
  size_t n = x->w->n, g = i / n, h = i % n;
  unsigned others = ((1u << n) - 1) & ~(1u << g);
  int r = 0;
  if (g == h)
    r = predict_guest(x->w, others, g, true, &x->l->left[g], error);
  else if (n > 2)
    r = predict_guest(x->w, others & ~(1u << h), h, false, &x->l->pairs[i],
                      error);
  if (r == 0 && g == h)
    report_guest(x->w, g);
  return r;
}

static void pack_pair(void *user, size_t i, struct vr_pack *p) {
  const struct leaving *x = user;
  size_t n = x->w->n, g = i / n, h = i % n;
  struct vr_predictions *a = g == h ? &x->l->left[g] : &x->l->pairs[i];
  if (g != h && n < 3)
    return;
  a->data = x->w->data[h];
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    pack_predictions(p, (enum vr_counter)c, a);
}

/* Each of a few guests, and each pair of them. */
static int leave_out_few(const struct pooled *w, struct vr_left_out *l,
                         struct vr_error *error) {
  l->n_folds = (unsigned)w->n;
  l->pairs = calloc(w->n * w->n, sizeof(*l->pairs));
  struct leaving x = {.w = w, .l = l};
  const struct vr_share_loop loop = {.n = w->n * w->n,
                                     .run = leave_out_pair,
                                     .pack = pack_pair,
                                     .to_all = true,
                                     .user = &x};
  return l->pairs ? vr_share_run(&loop, error) : -ENOMEM;
}

/* One counter of the guests of one fold. */
static int leave_out_fold(void *user, size_t i, struct vr_error *error) {
  const struct leaving *x = user;
  size_t n = 0, k = i % x->f->n_folds;
  vr_auto_free struct vr_predictions **fold = calloc(x->w->n, sizeof(*fold));
  if (!fold)
    return -ENOMEM;
  (void)error;
  for (size_t g = k; g < x->w->n; g += x->f->n_folds)
    fold[n++] = &x->l->left[g];
  const struct learned how = {.f = x->f,
                              .c = i / x->f->n_folds,
                              .folds = vr_feature_folds(x->f) & ~(1u << k),
                              .options = x->w->options,
                              .shown = true};
  int r = predict_counter(&how, fold, n);
  if (how.c == 0)
    vr_train_add_progress(x->w->options, 1);
  return r;
}

static void pack_fold(void *user, size_t i, struct vr_pack *p) {
  const struct leaving *x = user;
  for (size_t g = i % x->f->n_folds; g < x->w->n; g += x->f->n_folds)
    pack_predictions(p, x->f->counters[i / x->f->n_folds], &x->l->left[g]);
}

/* Many guests, a fold at a time: inner products are additive, so that one set
 * of features serves all folds. */
static int leave_out_folds(const struct pooled *w, struct vr_left_out *l,
                           struct vr_error *error) {
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(w->data, w->n, w->origins, true, &f, error);
  for (size_t g = 0; r == 0 && g < w->n; g++)
    r = predictions_new(w->data[g], &l->left[g]);
  l->n_folds = f.n_folds;
  struct leaving x = {w, &f, l};
  const struct vr_share_loop loop = {.n = f.n_folds * f.n_counters,
                                     .run = leave_out_fold,
                                     .pack = pack_fold,
                                     .to_all = true,
                                     .user = &x};
  return r < 0 ? r : vr_share_run(&loop, error);
}

int vr_left_out_predict(const struct vr_guest_data *const *data, size_t n,
                        unsigned origins,
                        const struct vr_train_options *options,
                        struct vr_left_out *l, struct vr_error *error) {
  const struct pooled w = {data, n, origins, options};
  l->n = n;
  l->left = calloc(n, sizeof(*l->left));
  if (!l->left)
    return -ENOMEM;
  return n <= VR_POOL_FEW ? leave_out_few(&w, l, error)
                          : leave_out_folds(&w, l, error);
}
