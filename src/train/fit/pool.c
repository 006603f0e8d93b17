/* SPDX-License-Identifier: MIT */
#include "train/fit/pool.h"

#include "basic/cleanup.h"
#include "train/data/definitions.h"
#include "train/fit/fit_orders.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
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

/* --- answers for one guest by what was learned on others --- */

enum way { INFERRED, ONE_STEP, SEED, DEFINITION, MEAN, GAIN, WAYS };

/* What each way says of every counter of one guest; NAN where it says
 * nothing. */
struct answers {
  const struct vr_guest_data *data;
  double *of[VR_COUNTERS][WAYS];
};

static void answers_clear(struct answers *a) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    for (int w = 0; w < WAYS; w++)
      free(a->of[c][w]);
  *a = (struct answers){0};
}

static int answers_new(const struct vr_guest_data *d, struct answers *a) {
  *a = (struct answers){.data = d};
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    for (int w = 0; w < WAYS; w++) {
      a->of[c][w] = malloc((d->grid.rows + 1) * sizeof(double));
      if (!a->of[c][w])
        return -ENOMEM;
      for (size_t i = 0; i < d->grid.rows; i++)
        a->of[c][w][i] = NAN;
    }
  return 0;
}

/* Runs MODEL, which may be NULL when making it gave ERROR, and releases it. */
static int answer(int error, struct vr_model *m, const struct vr_guest_data *d,
                  double *ret) {
  if (error < 0)
    return error == -ENOMEM ? error : 0;
  int r = vr_fit_run_model(d, m, ret);
  vr_model_clear(m);
  return r == -ENOMEM ? r : 0;
}

static int answer_definition(enum vr_counter c, const struct vr_guest_data *d,
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

/* The model that is inferred, and for the report, too, when it is SHOWN, its
 * predictions and the free run of the seed orders on its inputs. */
static int answer_inferred(const struct vr_features *f, size_t c,
                           const struct vr_train_options *options, bool shown,
                           struct answers *a) {
  const struct vr_guest_data *d = a->data;
  enum vr_counter counter = f->counters[c];
  double **of = a->of[counter];
  unsigned folds = vr_feature_folds(f);
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, folds, &choice, &m);
  if (r < 0)
    return r;
  r = vr_fit_run_model(d, &m, of[INFERRED]);
  if (r == 0 && shown && d->y[counter])
    vr_fit_run_one_step(&m, d->y[counter], of[INFERRED], d->grid.rows,
                        of[ONE_STEP]);
  vr_model_clear(&m);
  if (r < 0 || !shown || choice.n_inputs == 0)
    return r == -ENOMEM ? r : 0;
  r = vr_infer_ordered(f, c, &choice, &vr_fit_reference_orders, folds, &m);
  return answer(r, &m, d, of[SEED]);
}

/* All ways of one counter, learned on F. */
static int answer_counter(const struct vr_features *f, size_t c,
                          const struct vr_train_options *options, bool shown,
                          struct answers *a) {
  const struct vr_guest_data *d = a->data;
  enum vr_counter counter = f->counters[c];
  unsigned folds = vr_feature_folds(f);
  struct vr_choice choice;
  struct vr_model m;
  int r = answer_inferred(f, c, options, shown, a);
  if (r == 0)
    r = vr_infer_gain(f, c, folds, &choice, &m);
  if (r == 0 || r == -ENOENT)
    r = answer(r, &m, d, a->of[counter][GAIN]);
  double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
  for (size_t i = 0; i < d->grid.rows; i++)
    a->of[counter][MEAN][i] = per * vr_fit_select_mean(f, c, folds);
  return r == 0 ? answer_definition(counter, d, a->of[counter][DEFINITION]) : r;
}

/* What the guests in the set OTHERS teach about guest G. */
static int answer_guest(const struct vr_guest_data *const *data, size_t n,
                        unsigned others, size_t g,
                        const struct vr_train_options *options, bool shown,
                        struct answers *ret, struct vr_error *error) {
  const struct vr_guest_data *from[VR_POOL_MAX_GUESTS];
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    if (others >> i & 1)
      from[k++] = data[i];
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(from, k, VR_VM_PROCESS, k > 1, &f, error);
  if (r == 0)
    r = answers_new(data[g], ret);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    r = answer_counter(&f, c, options, shown, ret);
  vr_progress_add(options->progress, 1);
  return r;
}

/* --- fits and intervals --- */

static const double *truth(const struct answers *a, enum vr_counter c) {
  return a->data->y[c];
}

/* Fit of way W over all guests, each against its own mean. */
static double pooled_fit(const struct answers *a, size_t n, enum vr_counter c,
                         enum way w) {
  double error = 0, spread = 0;
  for (size_t g = 0; g < n; g++) {
    const double *y = truth(&a[g], c), *x = a[g].of[c][w];
    double sum = 0, k = 0;
    for (size_t i = 0; y && i < a[g].data->grid.rows; i++)
      if (isfinite(y[i]) && isfinite(x[i])) {
        sum += y[i];
        k++;
      }
    for (size_t i = 0; k > 0 && i < a[g].data->grid.rows; i++)
      if (isfinite(y[i]) && isfinite(x[i])) {
        error += (y[i] - x[i]) * (y[i] - x[i]);
        spread += (y[i] - sum / k) * (y[i] - sum / k);
      }
  }
  return spread > 0 ? 100 * (1 - sqrt(error / spread)) : NAN;
}

/* Everything that leaving guests out gave: LEFT[g] is guest g by all others,
 * PAIRS[g * n + h] is guest h by all but g and h. */
struct left_out {
  size_t n;
  struct answers *left, *pairs;
};

static void left_out_clear(struct left_out *l) {
  for (size_t i = 0; l->left && i < l->n; i++)
    answers_clear(&l->left[i]);
  for (size_t i = 0; l->pairs && i < l->n * l->n; i++)
    answers_clear(&l->pairs[i]);
  free(l->left);
  free(l->pairs);
}

static int leave_out(const struct vr_guest_data *const *data, size_t n,
                     const struct vr_train_options *options, struct left_out *l,
                     struct vr_error *error) {
  l->n = n;
  l->left = calloc(n, sizeof(*l->left));
  l->pairs = calloc(n * n, sizeof(*l->pairs));
  if (!l->left || !l->pairs)
    return -ENOMEM;
  unsigned all = (1u << n) - 1;
  int r = 0;
  for (size_t g = 0; r == 0 && g < n; g++) {
    unsigned others = all & ~(1u << g);
    r = answer_guest(data, n, others, g, options, true, &l->left[g], error);
    for (size_t h = 0; r == 0 && n > 2 && h < n; h++)
      if (h != g)
        r = answer_guest(data, n, others & ~(1u << h), h, options, false,
                         &l->pairs[g * n + h], error);
    if (r == 0)
      vr_progress_line(options->progress, "guest %s left out: %zu of %zu",
                       data[g]->guest, g + 1, n);
  }
  return r;
}

/* In the unit that is comparable between guests of different sizes. */
static double unit(const struct answers *a, enum vr_counter c) {
  return vr_counter_info(c)->per == VR_PER_VCPU ? a->data->vcpus : 1;
}

/* Residuals of all guests by all others. */
struct residuals {
  size_t n;
  struct vr_group *left, *pairs; /* as in struct left_out */
  struct vr_residuals *test, *calibration;
  bool with_regimes;
  size_t block;
};

static void residuals_clear(struct residuals *r) {
  for (size_t i = 0; r->left && i < r->n; i++)
    vr_fit_intervals_clear(&r->left[i]);
  for (size_t i = 0; r->pairs && i < r->n * r->n; i++)
    vr_fit_intervals_clear(&r->pairs[i]);
  free(r->left);
  free(r->pairs);
  free(r->test);
  free(r->calibration);
}

static int group_of(const struct answers *a, enum vr_counter c, enum way w,
                    struct vr_group *ret, struct vr_residuals *ret_view) {
  int r = vr_fit_intervals_new(a->data, c, a->of[c][w], unit(a, c), NULL, ret);
  *ret_view = ret->view;
  return r;
}

static int residuals_new(const struct left_out *l, enum vr_counter c,
                         enum way w, struct residuals *x) {
  size_t n = l->n;
  const struct vr_guest_data *data[VR_POOL_MAX_GUESTS] = {0};
  *x = (struct residuals){.n = n,
                          .left = calloc(n, sizeof(*x->left)),
                          .pairs = calloc(n * n, sizeof(*x->pairs)),
                          .test = calloc(n, sizeof(*x->test)),
                          .calibration = calloc(n * n, sizeof(*x->calibration)),
                          .with_regimes = true};
  int r = x->left && x->pairs && x->test && x->calibration ? 0 : -ENOMEM;
  for (size_t g = 0; r == 0 && g < n; g++) {
    data[g] = l->left[g].data;
    x->with_regimes = x->with_regimes && vr_fit_interval_knows_regimes(data[g]);
    r = group_of(&l->left[g], c, w, &x->left[g], &x->test[g]);
    for (size_t h = 0; r == 0 && n > 2 && h < n; h++)
      if (h != g)
        r = group_of(&l->pairs[g * n + h], c, w, &x->pairs[g * n + h],
                     &x->calibration[g * n + h]);
  }
  if (r == 0)
    x->block = vr_fit_interval_block(data, n, c);
  for (size_t g = 0; r == 0 && !x->with_regimes && g < n; g++) {
    x->test[g].regime = NULL;
    for (size_t h = 0; h < n; h++)
      x->calibration[g * n + h].regime = NULL;
  }
  return r;
}

/* Standard deviation of the truth where there is an answer. */
static double spread_of(const struct left_out *l, const struct residuals *x,
                        enum vr_counter c) {
  double n = 0, sum = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++)
    for (size_t g = 0; g < l->n; g++) {
      const double *y = truth(&l->left[g], c);
      for (size_t i = 0; y && i < x->test[g].n; i++) {
        double v = y[i] / unit(&l->left[g], c);
        if (!isfinite(x->test[g].e[i]))
          continue;
        if (pass == 0)
          sum += v, n++;
        else
          squares += (v - sum / n) * (v - sum / n);
      }
    }
  return n > 1 ? sqrt(squares / (n - 1)) : NAN;
}

/* Coverage over all guests, each with widths from the others' errors when they
 * were left out, too. */
static int measure_interval(const struct left_out *l, const struct residuals *x,
                            enum vr_counter c, struct vr_pool_row *row) {
  row->spread = spread_of(l, x, c);
  const struct vr_coverage_design design = {
      .n_groups = l->n,
      .test = x->test,
      .calibration = x->calibration,
      .n_regimes = x->with_regimes ? VR_REGIMES : 0,
      .calibration_block = vr_fit_interval_guest_block(l->n - 1, x->block),
      .block = x->block,
      .level = VR_INTERVAL_LEVEL};
  int r = vr_coverage_measure(&design, 0, &row->interval, row->by_guest, NULL);
  row->has_interval = r == 0;
  return r == -ENOMEM ? r : 0;
}

static int fill_row(const struct left_out *l, enum vr_counter c, enum way w,
                    enum vr_provenance provenance, struct vr_pool_row *row) {
  row->provenance = provenance;
  row->fit = pooled_fit(l->left, l->n, c, w);
  row->known = isfinite(row->fit);
  row->one_step = w == INFERRED ? pooled_fit(l->left, l->n, c, ONE_STEP) : NAN;
  row->seed_fit = w == INFERRED ? pooled_fit(l->left, l->n, c, SEED) : NAN;
  row->mean_fit = pooled_fit(l->left, l->n, c, MEAN);
  row->gain_fit = pooled_fit(l->left, l->n, c, GAIN);
  if (!row->known || l->n < 3)
    return 0;
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, c, w, &x);
  return r < 0 ? r : measure_interval(l, &x, c, row);
}

/* --- the pooled models --- */

/* Half-widths of the pooled model M from all guests when they were left out. */
static int set_intervals(const struct left_out *l,
                         const struct vr_pool_row *row, struct vr_model *m) {
  vr_cleanup(residuals_clear) struct residuals x = {0};
  int r = residuals_new(l, m->counter, INFERRED, &x);
  if (r < 0)
    return r;
  return vr_fit_interval_set(x.test, l->n, x.with_regimes,
                             vr_fit_interval_guest_block(l->n, x.block),
                             row->has_interval ? &row->interval : NULL, m);
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
  k->model.withheld = !vr_fit_clearly_beats_baselines(&k->model);
  return 0;
}

static int pool_model(const struct left_out *l, const struct vr_features *f,
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
  m.fit.rows = vr_fit_select_rows(f, c, vr_feature_folds(f));
  vr_fit_describe_choice(f, &choice, k->inputs, sizeof(k->inputs));
  k->model = m;
  k->has_model = true;
  r = judge(f, c, k);
  if (r < 0)
    return r;
  return set_intervals(l, &k->inferred, &k->model);
}

static enum vr_provenance defined_as(enum vr_counter c) {
  const struct vr_direct *def = vr_definitions_of(c, 0);
  return def ? def->provenance : VR_INFERRED;
}

static int check(const struct vr_guest_data *const *data, size_t n,
                 struct vr_error *error) {
  if (n < 2 || n > VR_POOL_MAX_GUESTS) {
    snprintf(error->message, sizeof(error->message),
             "pooling takes 2 to %d guests with data, not %zu",
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
  vr_cleanup(left_out_clear) struct left_out l = {0};
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  vr_counter_set not_ordered = 0;
  int r = leave_out(data, n, options, &l, error);
  if (r == 0)
    r = vr_features_build(data, n, VR_VM_PROCESS, true, &f, error);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++) {
    enum vr_counter counter = f.counters[c];
    struct vr_pool_counter *k = &p->counters[counter];
    r = fill_row(&l, counter, INFERRED, VR_INFERRED, &k->inferred);
    if (r == 0)
      r = fill_row(&l, counter, DEFINITION, defined_as(counter),
                   &k->definition);
    if (r == 0)
      r = pool_model(&l, &f, c, options, k);
    if (r == 0 && !k->ordered)
      not_ordered |= VR_COUNTER_SET(counter);
  }
  vr_progress_add(options->progress, 1);
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
