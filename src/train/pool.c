/* SPDX-License-Identifier: MIT */
#include "train/pool.h"

#include "basic/cleanup.h"
#include "train/definitions.h"
#include "train/infer.h"
#include "train/list.h"
#include "train/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Blocks are to be exchangeable: several times as long as a counter remembers,
 * within these bounds. */
#define MEMORIES_PER_BLOCK 5.0
#define SHORTEST_BLOCK 60.0
#define LONGEST_BLOCK 450.0
enum { MAX_GUESTS = 16 };

void vr_pool_clear(struct vr_pool *p) {
  for (size_t i = 0; p->guests && i < p->n_guests; i++)
    free(p->guests[i]);
  free(p->guests);
  for (int c = 0; c < VR_TALK_COUNTERS; c++)
    if (p->counters[c].has_model)
      vr_model_clear(&p->counters[c].model);
  *p = (struct vr_pool){0};
}

/* --- answers for one guest by what was learned on others --- */

enum way { INFERRED, DEFINITION, MEAN, GAIN, WAYS };

/* What each way says of every counter of one guest; NAN where it says
 * nothing. */
struct answers {
  const struct vr_guest_data *data;
  double *of[VR_TALK_COUNTERS][WAYS];
};

static void answers_clear(struct answers *a) {
  for (int c = 0; c < VR_TALK_COUNTERS; c++)
    for (int w = 0; w < WAYS; w++)
      free(a->of[c][w]);
  *a = (struct answers){0};
}

static int answers_new(const struct vr_guest_data *d, struct answers *a) {
  *a = (struct answers){.data = d};
  for (int c = 0; c < VR_TALK_COUNTERS; c++)
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
  int r = vr_run_model(d, m, ret);
  vr_model_clear(m);
  return r == -ENOMEM ? r : 0;
}

static int answer_definition(enum vr_counter c, const struct vr_guest_data *d,
                             double *ret) {
  for (size_t i = 0; i < vr_n_definitions; i++) {
    const struct vr_definition *def = &vr_definitions[i];
    struct vr_model m;
    if (def->counter != c ||
        !vr_accelerator_serves(def->accelerator, d->accelerator))
      continue;
    int r = vr_definition_model(def, d->guest, 1, &m);
    if (r == 0)
      r = vr_run_model(d, &m, ret);
    if (r != -ENOMEM)
      vr_model_clear(&m);
    if (r == 0 || r == -ENOMEM)
      return r;
  }
  return 0;
}

/* All ways of one counter, learned on F. */
static int answer_counter(const struct vr_features *f, size_t c,
                          const struct vr_train_options *options,
                          struct answers *a) {
  const struct vr_guest_data *d = a->data;
  enum vr_counter counter = f->counters[c];
  unsigned folds = vr_feature_folds(f);
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, folds, &choice, &m);
  r = answer(r, &m, d, a->of[counter][INFERRED]);
  if (r == 0)
    r = vr_infer_gain(f, c, folds, &m);
  if (r == 0 || r == -ENOENT)
    r = answer(r, &m, d, a->of[counter][GAIN]);
  double per = f->per[c] == VR_PER_VCPU ? d->vcpus : 1;
  for (size_t i = 0; i < d->grid.rows; i++)
    a->of[counter][MEAN][i] = per * vr_select_mean(f, c, folds);
  return r == 0 ? answer_definition(counter, d, a->of[counter][DEFINITION]) : r;
}

/* What the guests in the set OTHERS teach about guest G. */
static int answer_guest(const struct vr_guest_data *const *data, size_t n,
                        unsigned others, size_t g,
                        const struct vr_train_options *options,
                        struct answers *ret, struct vr_archive_error *error) {
  const struct vr_guest_data *from[MAX_GUESTS];
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    if (others >> i & 1)
      from[k++] = data[i];
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = vr_features_build(from, k, VR_VM_PROCESS, k > 1, &f, error);
  if (r == 0)
    r = answers_new(data[g], ret);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    r = answer_counter(&f, c, options, ret);
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

static size_t busy_source(void) {
  for (size_t s = 0; s < vr_n_sources; s++)
    if (strcmp(vr_sources[s].name, "busy") == 0)
      return s;
  return 0;
}

static unsigned regime(const struct vr_guest_data *d, size_t i) {
  const double *busy = d->u[busy_source()];
  if (!busy || !isfinite(busy[i]))
    return VR_LOADED;
  return busy[i] < 0.2 ? VR_IDLE : busy[i] < 0.9 ? VR_LOADED : VR_SATURATED;
}

/* Residuals of several guests one after the other. */
struct residuals {
  size_t n, capacity;
  double *e, *q, *y;
  unsigned *regime;
};

static void residuals_clear(struct residuals *r) {
  free(r->e);
  free(r->q);
  free(r->y);
  free(r->regime);
}

static int residuals_new(size_t capacity, struct residuals *r) {
  *r = (struct residuals){.capacity = capacity,
                          .e = calloc(capacity + 1, sizeof(double)),
                          .q = calloc(capacity + 1, sizeof(double)),
                          .y = calloc(capacity + 1, sizeof(double)),
                          .regime = calloc(capacity + 1, sizeof(unsigned))};
  return r->e && r->q && r->y && r->regime ? 0 : -ENOMEM;
}

static void add_residuals(struct residuals *r, const struct answers *a,
                          enum vr_counter c, enum way w) {
  const double *y = truth(a, c);
  /* In the unit that is comparable between guests of different sizes. */
  double per = vr_output_per(c) == VR_PER_VCPU ? a->data->vcpus : 1;
  for (size_t i = 0; i < a->data->grid.rows && r->n < r->capacity;
       i++, r->n++) {
    r->e[r->n] = y ? (y[i] - a->of[c][w][i]) / per : NAN;
    r->y[r->n] = y ? y[i] / per : NAN;
    r->regime[r->n] = regime(a->data, i);
  }
}

/* Half-widths for the guest in TEST out of the errors on other guests. */
static int widths(const struct residuals *calibration, size_t block,
                  struct residuals *test, size_t from) {
  double q[VR_REGIMES];
  int r = vr_conformal_width_regimes(calibration->n, calibration->e,
                                     calibration->regime, VR_REGIMES, block,
                                     VR_INTERVAL_LEVEL, q, NULL);
  for (size_t i = from; i < test->n; i++)
    test->q[i] = r == 0 ? q[test->regime[i]] : INFINITY;
  return r == -ENOMEM ? r : 0;
}

static double spread_of(const struct residuals *r) {
  double n = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < r->n; i++)
    if (isfinite(r->e[i]))
      sum += r->y[i], n++;
  for (size_t i = 0; i < r->n; i++)
    if (isfinite(r->e[i]))
      squares += (r->y[i] - sum / n) * (r->y[i] - sum / n);
  return n > 1 ? sqrt(squares / (n - 1)) : NAN;
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
                     struct vr_archive_error *error) {
  l->n = n;
  l->left = calloc(n, sizeof(*l->left));
  l->pairs = calloc(n * n, sizeof(*l->pairs));
  if (!l->left || !l->pairs)
    return -ENOMEM;
  unsigned all = (1u << n) - 1;
  int r = 0;
  for (size_t g = 0; r == 0 && g < n; g++) {
    unsigned others = all & ~(1u << g);
    r = answer_guest(data, n, others, g, options, &l->left[g], error);
    for (size_t h = 0; r == 0 && n > 2 && h < n; h++)
      if (h != g)
        r = answer_guest(data, n, others & ~(1u << h), h, options,
                         &l->pairs[g * n + h], error);
  }
  return r;
}

/* Rows of a block for counter C: by the longest memory of all guests' truth. */
static size_t block_rows(const struct left_out *l, enum vr_counter c,
                         double step) {
  double seconds = SHORTEST_BLOCK;
  for (size_t g = 0; g < l->n; g++) {
    const double *y = truth(&l->left[g], c);
    double memory =
        y ? vr_memory_seconds(l->left[g].data->grid.rows, y, step) : NAN;
    if (!isnan(memory))
      seconds = fmax(seconds, MEMORIES_PER_BLOCK * memory);
  }
  return (size_t)fmax(1, fmin(seconds, LONGEST_BLOCK) / step);
}

/* Coverage over all guests, each with widths from the others' errors when they
 * were left out, too. */
static int measure_interval(const struct left_out *l, enum vr_counter c,
                            enum way w, double step, struct vr_pool_row *row) {
  size_t block = block_rows(l, c, step), total = 0;
  for (size_t g = 0; g < l->n; g++)
    total += l->left[g].data->grid.rows;
  vr_cleanup(residuals_clear) struct residuals test = {0};
  int r = residuals_new(total, &test);
  for (size_t g = 0; r == 0 && g < l->n; g++) {
    vr_cleanup(residuals_clear) struct residuals calibration = {0};
    r = residuals_new(total, &calibration);
    for (size_t h = 0; r == 0 && h < l->n; h++)
      if (h != g)
        add_residuals(&calibration, &l->pairs[g * l->n + h], c, w);
    size_t from = test.n;
    add_residuals(&test, &l->left[g], c, w);
    if (r == 0)
      r = widths(&calibration, block, &test, from);
  }
  if (r < 0)
    return r;
  row->spread = spread_of(&test);
  r = vr_coverage_bootstrap(test.n, test.e, test.q, block, 0, &row->interval,
                            NULL);
  row->has_interval = r == 0;
  return r == -ENOMEM ? r : 0;
}

static int fill_row(const struct left_out *l, enum vr_counter c, enum way w,
                    enum vr_provenance provenance, double step,
                    struct vr_pool_row *row) {
  row->provenance = provenance;
  row->fit = pooled_fit(l->left, l->n, c, w);
  row->known = isfinite(row->fit);
  row->mean_fit = pooled_fit(l->left, l->n, c, MEAN);
  row->gain_fit = pooled_fit(l->left, l->n, c, GAIN);
  return row->known && l->n > 2 ? measure_interval(l, c, w, step, row) : 0;
}

/* --- the pooled models --- */

static int pool_model(const struct vr_features *f, size_t c,
                      const struct vr_train_options *options,
                      struct vr_pool_counter *k) {
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer(f, c, &options->orders, vr_feature_folds(f), &choice, &m);
  if (r < 0)
    return r;
  char *every = strdup("*");
  if (!every) {
    vr_model_clear(&m);
    return -ENOMEM;
  }
  free(m.guest);
  m.guest = every;
  m.generic = true;
  m.fit.free_run = k->inferred.fit;
  m.fit.rows = vr_select_rows(f, c, vr_feature_folds(f));
  m.baseline.mean = vr_select_mean(f, c, vr_feature_folds(f));
  m.baseline.mean_fit = k->inferred.mean_fit;
  vr_describe_choice(f, &choice, k->inputs, sizeof(k->inputs));
  k->model = m;
  k->has_model = true;
  return 0;
}

static enum vr_provenance defined_as(enum vr_counter c) {
  for (size_t i = 0; i < vr_n_definitions; i++)
    if (vr_definitions[i].counter == c)
      return vr_definitions[i].provenance;
  return VR_INFERRED;
}

static int check(const struct vr_guest_data *const *data, size_t n,
                 struct vr_archive_error *error) {
  if (n < 2 || n > MAX_GUESTS) {
    snprintf(error->message, sizeof(error->message),
             "pooling takes 2 to %d guests with data, not %zu", MAX_GUESTS, n);
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
                    struct vr_archive_error *error) {
  vr_cleanup(left_out_clear) struct left_out l = {0};
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  int r = leave_out(data, n, options, &l, error);
  if (r == 0)
    r = vr_features_build(data, n, VR_VM_PROCESS, true, &f, error);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++) {
    enum vr_counter counter = f.counters[c];
    struct vr_pool_counter *k = &p->counters[counter];
    r = fill_row(&l, counter, INFERRED, VR_INFERRED, p->step, &k->inferred);
    if (r == 0)
      r = fill_row(&l, counter, DEFINITION, defined_as(counter), p->step,
                   &k->definition);
    if (r == 0)
      r = pool_model(&f, c, options, k);
  }
  return r;
}

int vr_pool_train(const struct vr_guest_data *const *data, size_t n,
                  const struct vr_train_options *options,
                  struct vr_pool *ret_pool,
                  struct vr_archive_error *ret_error) {
  struct vr_pool p = {0};
  int r = check(data, n, ret_error);
  if (r < 0)
    return r;
  p.step = data[0]->grid.step;
  snprintf(ret_error->message, sizeof(ret_error->message), "pooling: %s",
           strerror(ENOMEM));
  for (int c = 0; c < VR_TALK_COUNTERS; c++)
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
