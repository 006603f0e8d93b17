/* SPDX-License-Identifier: MIT */
#include "train/table/table_fit.h"

#include "basic/cleanup.h"
#include "sysid/poles.h"
#include "sysid/simulate.h"
#include "sysid/static_gain.h"
#include "train/table/table_refine.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The orders that the source of the method used. */
enum { SEED_NA = 20, SEED_NB = 17, SEED_NK = 50 };

/* Fits of fewer samples say nothing. */
enum { SCORED_MIN = 10 };

enum { RESIDUAL_LAGS = 25, DELAY_LAGS = 60, WHITENING_ORDER = 30 };

void vr_table_fit_clear(struct vr_table_fit *f) {
  vr_arx_clear(&f->arx);
  vr_estimate_info_clear(&f->info);
  vr_search_result_clear(&f->search);
  free(f->means);
  free(f->poles);
  if (f->has_residuals)
    vr_residual_test_clear(&f->residuals);
  for (size_t i = 0; f->delays && i < f->options.n_inputs; i++)
    if (f->delays[i].known)
      vr_xcorr_clear(&f->delays[i].xcorr);
  free(f->delays);
  for (size_t i = 0; f->zeros && i < f->options.n_inputs; i++)
    free(f->zeros[i].at);
  free(f->zeros);
  *f = (struct vr_table_fit){0};
}

/* The chosen columns of a table, cut at gaps. */
struct table_data {
  struct vr_table table;
  const double *y;
  const double *u[VR_MAX_TABLE_INPUTS];
  struct vr_dataset estimate, validate; /* detrended copies */
};

static void table_data_clear(struct table_data *d) {
  vr_dataset_clear(&d->estimate);
  vr_dataset_clear(&d->validate);
  vr_columns_clear(&d->table);
}

/* "a, b, c": what the columns are called, as far as there is room. */
static void list_names(const struct vr_table *t, size_t size, char *ret) {
  size_t length = 0;
  *ret = '\0';
  for (size_t c = 0; c < t->columns && length + 1 < size; c++) {
    int n = snprintf(ret + length, size - length, "%s%s", c > 0 ? ", " : "",
                     t->names[c]);
    length += n > 0 ? (size_t)n : 0;
  }
}

static int choose_column(const struct vr_table_options *o,
                         const struct table_data *d, const char *name,
                         const double **ret_column,
                         struct vr_error *ret_error) {
  char names[120];
  int r = vr_columns_find(&d->table, name, ret_column);
  if (r == -ENOTUNIQ)
    return vr_error_set(ret_error, r,
                        "%.300s: several columns are called \"%.60s\"", o->file,
                        name);
  if (r < 0) {
    list_names(&d->table, sizeof(names), names);
    return vr_error_set(ret_error, r,
                        "%.200s: no column \"%.60s\"; there are: %s", o->file,
                        name, names);
  }
  return 0;
}

static int choose_columns(const struct vr_table_options *o,
                          struct table_data *d, struct vr_error *ret_error) {
  int r = choose_column(o, d, o->output, &d->y, ret_error);
  for (size_t i = 0; r == 0 && i < o->n_inputs; i++)
    r = choose_column(o, d, o->inputs[i], &d->u[i], ret_error);
  return r;
}

/* The segments of samples FROM to TO, counted from 1, with MEANS subtracted.
 * When FIRST, MEANS are filled from them. */
static int cut(const struct vr_table_options *o, const struct table_data *d,
               size_t from, size_t to, bool first, double *means,
               struct vr_dataset *ret, struct vr_error *ret_error) {
  if (to > d->table.rows || from > to)
    return vr_error_set(
        ret_error, -ENODATA,
        "%.300s: samples %zu to %zu, but the table has %zu rows", o->file, from,
        to, d->table.rows);
  const double *u[VR_MAX_TABLE_INPUTS];
  for (size_t i = 0; i < o->n_inputs; i++)
    u[i] = d->u[i] + from - 1;
  vr_cleanup(vr_dataset_clear) struct vr_dataset raw = {0};
  struct vr_error e = {""};
  int r = vr_dataset_split(to - from + 1, d->y + from - 1,
                           (unsigned)o->n_inputs, u, 1, &raw, &e);
  if (r == 0 && first && o->detrend)
    vr_dataset_means(&raw, &means[0], means + 1);
  if (r == 0)
    r = vr_dataset_detrend(&raw, means[0], means + 1, ret, &e);
  return r < 0 ? vr_error_set(ret_error, r, "%.200s: %s", o->file,
                              *e.message ? e.message : strerror(-r))
               : 0;
}

/* S as far as it was given, and all ROWS where not. */
static struct vr_samples within(struct vr_samples s, size_t rows) {
  if (s.from == 0)
    s.from = 1;
  if (s.to == 0 || s.to == SIZE_MAX)
    s.to = rows;
  return s;
}

/* A search needs samples that no estimation saw: if none were chosen, these are
 * the last quarter. */
static void choose_samples(const struct vr_table_options *o, size_t rows,
                           struct vr_table_fit *f) {
  bool hold_out =
      o->search && !o->estimate.from && !o->validate.from && rows >= 4;
  f->estimated = within(o->estimate, rows);
  f->validation = o->validate.from ? within(o->validate, rows) : f->estimated;
  if (hold_out) {
    f->estimated.to = rows - rows / 4;
    f->validation.from = f->estimated.to + 1;
  }
  f->validated = hold_out || o->validate.from > 0;
  f->held_out = f->validation.from > f->estimated.to ||
                f->validation.to < f->estimated.from;
}

static int load(const struct vr_table_options *o, struct table_data *d,
                struct vr_table_fit *f, struct vr_error *ret_error) {
  int r = vr_columns_read(o->file, &d->table, ret_error);
  if (r == 0)
    r = choose_columns(o, d, ret_error);
  if (r < 0)
    return r;
  choose_samples(o, d->table.rows, f);
  return cut(o, d, f->estimated.from, f->estimated.to, true, f->means,
             &d->estimate, ret_error);
}

/* Loads what is validated on, scored after the first ROW samples of each
 * stretch. */
static int load_validation(const struct vr_table_options *o,
                           struct table_data *d, unsigned row,
                           struct vr_table_fit *f, struct vr_error *ret_error) {
  size_t from = f->validation.from;
  f->first_row = row;
  if (!f->validated)
    return 0;
  if (!o->validate.from)
    from = from > row ? from - row : 1;
  vr_dataset_clear(&d->validate);
  return cut(o, d, from, f->validation.to, false, f->means, &d->validate,
             ret_error);
}

static const struct vr_dataset *validation(const struct vr_table_fit *f,
                                           const struct table_data *d) {
  return f->validated ? &d->validate : &d->estimate;
}

static size_t scored(const struct vr_table_fit *f, const struct table_data *d) {
  return vr_dataset_samples_after(validation(f, d), f->first_row);
}

static int check_validation(const struct vr_table_options *o,
                            const struct table_data *d,
                            const struct vr_table_fit *f, struct vr_error *e) {
  size_t n = scored(f, d);
  if (!f->validated || n >= SCORED_MIN)
    return 0;
  bool own = o->validate.from > 0, gaps = d->validate.n_segments > 1;
  snprintf(e->message, sizeof(e->message),
           "validation data%s: %zu samples%s, %u needed%s",
           own ? "" : " (the last quarter)",
           own ? vr_dataset_samples(&d->validate) : n, gaps ? " with gaps" : "",
           SCORED_MIN + (own ? f->first_row : 0), gaps ? " without one" : "");
  return -ENODATA;
}

struct order_arrays {
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
};

static struct vr_orders orders_of(unsigned na, size_t nu,
                                  const struct order_arrays *a) {
  return (struct vr_orders){
      .na = na, .nu = (unsigned)nu, .nb = a->nb, .nk = a->nk};
}

static struct vr_search_grid grid_of(const struct vr_table_options *o) {
  return (struct vr_search_grid){.na = o->search_na,
                                 .nu = (unsigned)o->n_inputs,
                                 .nb = &o->search_nb,
                                 .nk = &o->search_nk,
                                 .tied = true};
}

static int search(const struct vr_table_options *o, const struct table_data *d,
                  struct vr_table_fit *f, unsigned *ret_na,
                  struct order_arrays *ret, struct vr_error *e) {
  const struct vr_search_grid grid = grid_of(o);
  const struct vr_search_options options = {.criterion = VR_BIC,
                                            .initial = VR_INITIAL_MEASURED,
                                            .first_row = f->first_row,
                                            .progress = o->progress};
  int r =
      vr_search(&d->estimate, validation(f, d), &grid, &options, &f->search, e);
  if (r < 0)
    return r;
  f->searched = true;
  if (f->search.n == 0) {
    snprintf(e->message, sizeof(e->message),
             "no structure in the range can be estimated");
    return -ENODATA;
  }
  const struct vr_candidate *best = &f->search.candidates[0];
  *ret_na = best->na;
  memcpy(ret->nb, best->nb, o->n_inputs * sizeof(*best->nb));
  memcpy(ret->nk, best->nk, o->n_inputs * sizeof(*best->nk));
  return 0;
}

/* The orders (20, 17, 50); A is filled. */
static struct vr_orders seed_orders(const struct vr_table_options *o,
                                    struct order_arrays *a) {
  for (size_t i = 0; i < o->n_inputs; i++) {
    a->nb[i] = SEED_NB;
    a->nk[i] = SEED_NK;
  }
  return orders_of(SEED_NA, o->n_inputs, a);
}

/* Where rows and scores of a search begin: where those of its largest lag do,
 * or those of the seed orders, if that leaves at least half. */
static int load_for_search(const struct vr_table_options *o,
                           struct table_data *d, struct vr_table_fit *f,
                           struct vr_error *ret_error) {
  const struct vr_search_grid grid = grid_of(o);
  struct order_arrays a;
  const struct vr_orders seed = seed_orders(o, &a);
  unsigned row = vr_search_largest_lag(&grid),
           with_seed = vr_dataset_orders_largest_lag(&seed);
  int r = load_validation(o, d, row, f, ret_error);
  if (r < 0 || with_seed <= row ||
      vr_dataset_check(&d->estimate, &seed, NULL) < 0 ||
      2 * vr_dataset_samples_after(&d->estimate, with_seed) <
          vr_dataset_samples_after(&d->estimate, row))
    return r;
  size_t enough = (scored(f, d) + 1) / 2;
  if (enough < SCORED_MIN)
    enough = SCORED_MIN;
  r = load_validation(o, d, with_seed, f, ret_error);
  return r < 0 || scored(f, d) >= enough
             ? r
             : load_validation(o, d, row, f, ret_error);
}

/* The seed orders beside what was searched: on the same rows, if there are
 * enough for its lags. */
static int fit_seed(const struct vr_table_options *o,
                    const struct table_data *d, struct vr_table_fit *f) {
  struct order_arrays a;
  const struct vr_orders orders = seed_orders(o, &a);
  unsigned lag = vr_dataset_orders_largest_lag(&orders),
           row = f->first_row > lag ? f->first_row : lag;
  struct vr_structure_fit *s = &f->seed;
  *s = (struct vr_structure_fit){.na = SEED_NA,
                                 .nb = SEED_NB,
                                 .nk = SEED_NK,
                                 .free_run = NAN,
                                 .one_step = NAN};
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  vr_cleanup(vr_arx_clear) struct vr_arx arx = {0};
  vr_cleanup(vr_estimate_info_clear) struct vr_fit_info info = {0};
  struct vr_error e = {""};
  int r = vr_dataset_skip(&d->estimate, row - lag, &rows, &e);
  if (r == 0)
    r = vr_estimate_arx(&rows, &orders, NULL, &arx, &info, &e);
  if (r == 0 && vr_dataset_samples_after(validation(f, d), row) < SCORED_MIN) {
    snprintf(e.message, sizeof(e.message), "too few samples to validate on");
    r = -ENODATA;
  }
  if (r < 0) {
    snprintf(f->seed_note, sizeof(f->seed_note), "%.119s", e.message);
    return r == -ENOMEM ? r : 0;
  }
  s->rows = info.rows;
  s->criterion[VR_AIC] = info.aic;
  s->criterion[VR_BIC] = info.bic;
  s->criterion[VR_FPE] = info.fpe;
  return vr_table_rate_structure(&arx, validation(f, d), row, s);
}

/* Fits of what needs no dynamics: the output's mean over the estimation data,
 * and the static gain on the input that explains it best. */
static int fit_baselines(const struct vr_table_options *o,
                         const struct table_data *d, struct vr_table_fit *f) {
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  const struct vr_dataset *v = &rows;
  int r = vr_dataset_skip(validation(f, d), f->first_row, &rows, NULL);
  if (r < 0)
    return r;
  double mean, u_mean[VR_MAX_TABLE_INPUTS], best = -1;
  struct vr_static_gain gain = {0}, g;
  unsigned input = 0;
  vr_dataset_means(&d->estimate, &mean, u_mean);
  for (unsigned i = 0; i < o->n_inputs; i++)
    if (vr_sysid_fit_static_gain(&d->estimate, i, &g, NULL) == 0 &&
        fabs(g.correlation) > best) {
      best = fabs(g.correlation);
      gain = g;
      input = i;
    }
  size_t n = vr_dataset_samples(v), k = 0;
  vr_auto_free double *all = calloc(3 * n + 1, sizeof(*all));
  if (!all)
    return -ENOMEM;
  double *y = all, *flat = all + n, *scaled = all + 2 * n;
  for (size_t s = 0; s < v->n_segments; s++)
    for (size_t t = 0; t < v->segments[s].n; t++, k++) {
      y[k] = v->segments[s].y[t];
      flat[k] = mean;
      scaled[k] = gain.gain * v->segments[s].u[input][t] + gain.constant;
    }
  f->mean_fit = vr_simulate_score_values(n, y, flat).fit;
  f->gain_fit = best >= 0 ? vr_simulate_score_values(n, y, scaled).fit : NAN;
  return 0;
}

/* What is left over, and what correlation alone says. Short data may not be
 * enough for either: then there is none. */
static int examine(const struct vr_table_options *o, const struct table_data *d,
                   struct vr_table_fit *f) {
  f->delays = calloc(o->n_inputs, sizeof(*f->delays));
  f->poles = calloc(f->arx.na + 1, sizeof(*f->poles));
  f->zeros = calloc(o->n_inputs, sizeof(*f->zeros));
  if (!f->delays || !f->poles || !f->zeros)
    return -ENOMEM;
  if (vr_poles_of_arx(&f->arx, f->poles) < 0) {
    free(f->poles);
    f->poles = NULL;
  }
  for (unsigned i = 0; i < o->n_inputs; i++) {
    struct vr_input_zeros *z = &f->zeros[i];
    z->at = calloc(f->arx.inputs[i].nb, sizeof(*z->at));
    if (!z->at)
      return -ENOMEM;
    z->known = vr_poles_zeros_of_arx(&f->arx, i, z->at, &z->n) == 0;
  }
  f->has_residuals =
      vr_sysid_test_residuals(&f->arx, validation(f, d), RESIDUAL_LAGS,
                              &f->residuals, NULL) == 0;
  for (unsigned i = 0; i < o->n_inputs; i++)
    f->delays[i].known =
        vr_sysid_prewhitened_xcorr(&d->estimate, i, DELAY_LAGS, WHITENING_ORDER,
                                   &f->delays[i].xcorr, NULL) == 0;
  return 0;
}

/* Fits of the model that is left, and of the baselines beside it. */
static int score(const struct vr_table_options *o, const struct table_data *d,
                 struct vr_table_fit *f) {
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  int r =
      vr_dataset_skip(validation(f, d),
                      f->first_row - vr_arx_largest_lag(&f->arx), &rows, NULL);
  if (r == 0)
    r = vr_simulate_score_free_run(&f->arx, &rows, VR_INITIAL_MEASURED,
                                   &f->free_run);
  if (r == 0)
    r = vr_simulate_score_one_step(&f->arx, &rows, &f->one_step);
  if (r == 0)
    r = fit_baselines(o, d, f);
  f->beats_baselines =
      f->free_run.fit >
      fmax(f->mean_fit, isfinite(f->gain_fit) ? f->gain_fit : -INFINITY);
  return r;
}

static int estimate(const struct vr_table_options *o,
                    const struct vr_orders *given, const struct table_data *d,
                    struct vr_table_fit *f, struct vr_error *e) {
  struct order_arrays a;
  struct vr_orders orders = *given;
  unsigned na = 0;
  int r = o->search ? search(o, d, f, &na, &a, e) : 0;
  if (r < 0)
    return r;
  if (o->search)
    orders = orders_of(na, o->n_inputs, &a);
  r = vr_estimate_arx(&d->estimate, &orders, NULL, &f->arx, &f->info, e);
  if (r == 0)
    r = check_validation(o, d, f, e);
  /* Only samples of their own can tell what runs freer. */
  if (r == 0 && f->searched && f->held_out)
    r = vr_table_refine(&d->estimate, &d->validate, f);
  if (r < 0)
    return r;
  f->radius = vr_arx_spectral_radius(&f->arx);
  f->stable = f->radius < 1;
  r = score(o, d, f);
  if (r == 0)
    r = examine(o, d, f);
  if (r == 0 && f->searched)
    r = fit_seed(o, d, f);
  return r;
}

/* One nb and nk for each input; A is filled. */
static struct vr_orders given_orders(const struct vr_table_options *o,
                                     const struct vr_given_orders *given,
                                     struct order_arrays *a) {
  for (size_t i = 0; i < o->n_inputs; i++) {
    a->nb[i] = given->n_nb > 1 ? given->nb[i] : given->nb[0];
    a->nk[i] = given->n_nk > 1 ? given->nk[i] : given->nk[0];
  }
  return orders_of(given->na, o->n_inputs, a);
}

int vr_table_fit(const struct vr_table_options *options,
                 const struct vr_given_orders *given,
                 struct vr_table_fit *ret_fit, struct vr_error *ret_error) {
  vr_cleanup(table_data_clear) struct table_data d = {0};
  /* Without orders they are searched for. */
  struct vr_table_options o = *options;
  o.search = o.search || !given->given;
  struct vr_table_fit f = {.options = o,
                           .kept = VR_REFINEMENTS,
                           .means = calloc(o.n_inputs + 1, sizeof(double))};
  struct order_arrays a;
  const struct vr_orders orders = given_orders(&o, given, &a);
  struct vr_error e = {""};
  if (!f.means)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  int r = load(&o, &d, &f, ret_error);
  if (r == 0)
    r = o.search
            ? load_for_search(&o, &d, &f, ret_error)
            : load_validation(&o, &d, vr_dataset_orders_largest_lag(&orders),
                              &f, ret_error);
  if (r == 0) {
    r = estimate(&o, &orders, &d, &f, &e);
    if (r < 0)
      vr_error_set(ret_error, r, "%.200s: %s", o.file,
                   *e.message ? e.message : strerror(-r));
  }
  if (r < 0)
    vr_table_fit_clear(&f);
  else
    *ret_fit = f;
  return r;
}
