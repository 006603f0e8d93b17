/* SPDX-License-Identifier: MIT */
#include "train/table_fit.h"

#include "basic/cleanup.h"
#include "sysid/poles.h"
#include "sysid/simulate.h"
#include "sysid/static.h"
#include "train/table_refine.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The orders that the source of the method used. */
enum { SEED_NA = 20, SEED_NB = 17, SEED_NK = 50 };

enum { RESIDUAL_LAGS = 25, DELAY_LAGS = 60, WHITENING_ORDER = 30 };

void vr_table_fit_clear(struct vr_table_fit *f) {
  vr_arx_clear(&f->arx);
  vr_fit_info_clear(&f->info);
  vr_search_result_clear(&f->search);
  free(f->means);
  free(f->poles);
  if (f->has_residuals)
    vr_residual_test_clear(&f->residuals);
  for (size_t i = 0; f->delays && i < f->options.n_inputs; i++)
    if (f->delays[i].known)
      vr_xcorr_clear(&f->delays[i].xcorr);
  free(f->delays);
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
  vr_table_clear(&d->table);
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
                         struct vr_archive_error *ret_error) {
  char names[120];
  int r = vr_table_find(&d->table, name, ret_column);
  if (r == -ENOTUNIQ)
    return vr_archive_fail(ret_error, r,
                           "%.300s: several columns are called \"%.60s\"",
                           o->file, name);
  if (r < 0) {
    list_names(&d->table, sizeof(names), names);
    return vr_archive_fail(ret_error, r,
                           "%.200s: no column \"%.60s\"; there are: %s",
                           o->file, name, names);
  }
  return 0;
}

static int choose_columns(const struct vr_table_options *o,
                          struct table_data *d,
                          struct vr_archive_error *ret_error) {
  int r = choose_column(o, d, o->output, &d->y, ret_error);
  for (size_t i = 0; r == 0 && i < o->n_inputs; i++)
    r = choose_column(o, d, o->inputs[i], &d->u[i], ret_error);
  return r;
}

/* The segments of the samples S, with MEANS subtracted. When FIRST, MEANS are
 * filled from them. */
static int cut(const struct vr_table_options *o, const struct table_data *d,
               const struct vr_samples *s, bool first, double *means,
               struct vr_dataset *ret, struct vr_archive_error *ret_error) {
  size_t from = s->from ? s->from - 1 : 0;
  size_t to = s->from && s->to < SIZE_MAX ? s->to : d->table.rows;
  if (to > d->table.rows || from >= to)
    return vr_archive_fail(
        ret_error, -ENODATA,
        "%.300s: samples %zu to %zu, but the table has %zu rows", o->file,
        from + 1, to, d->table.rows);
  const double *u[VR_MAX_TABLE_INPUTS];
  for (size_t i = 0; i < o->n_inputs; i++)
    u[i] = d->u[i] + from;
  vr_cleanup(vr_dataset_clear) struct vr_dataset raw = {0};
  struct vr_sysid_error e = {""};
  int r = vr_dataset_split(to - from, d->y + from, (unsigned)o->n_inputs, u, 1,
                           &raw, &e);
  if (r == 0 && first && o->detrend)
    vr_dataset_means(&raw, &means[0], means + 1);
  if (r == 0)
    r = vr_dataset_detrend(&raw, means[0], means + 1, ret, &e);
  return r < 0 ? vr_archive_fail(ret_error, r, "%.200s: %s", o->file,
                                 *e.message ? e.message : strerror(-r))
               : 0;
}

static int load(const struct vr_table_options *o, struct table_data *d,
                double *means, struct vr_archive_error *ret_error) {
  int r = vr_table_read(o->file, &d->table, ret_error);
  if (r == 0)
    r = choose_columns(o, d, ret_error);
  if (r == 0)
    r = cut(o, d, &o->estimate, true, means, &d->estimate, ret_error);
  if (r == 0 && o->validate.from)
    r = cut(o, d, &o->validate, false, means, &d->validate, ret_error);
  return r;
}

static const struct vr_dataset *validation(const struct vr_table_options *o,
                                           const struct table_data *d) {
  return o->validate.from ? &d->validate : &d->estimate;
}

struct order_arrays {
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
};

static struct vr_orders orders_of(unsigned na, size_t nu,
                                  const struct order_arrays *a) {
  return (struct vr_orders){
      .na = na, .nu = (unsigned)nu, .nb = a->nb, .nk = a->nk};
}

static int search(const struct vr_table_options *o, const struct table_data *d,
                  struct vr_table_fit *f, unsigned *ret_na,
                  struct order_arrays *ret, struct vr_sysid_error *e) {
  const struct vr_search_grid grid = {.na = o->search_na,
                                      .nu = (unsigned)o->n_inputs,
                                      .nb = &o->search_nb,
                                      .nk = &o->search_nk,
                                      .tied = true};
  const struct vr_search_options options = {.criterion = VR_BIC,
                                            .initial = VR_INITIAL_MEASURED};
  int r =
      vr_search(&d->estimate, validation(o, d), &grid, &options, &f->search, e);
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

/* The orders (20, 17, 50) on the same data, as far as there is enough of it. */
static void fit_seed(const struct vr_table_options *o,
                     const struct table_data *d, struct vr_structure_fit *ret) {
  struct order_arrays a;
  for (size_t i = 0; i < o->n_inputs; i++) {
    a.nb[i] = SEED_NB;
    a.nk[i] = SEED_NK;
  }
  struct vr_orders orders = orders_of(SEED_NA, o->n_inputs, &a);
  struct vr_arx arx = {0};
  *ret = (struct vr_structure_fit){.na = SEED_NA,
                                   .nb = SEED_NB,
                                   .nk = SEED_NK,
                                   .free_run = NAN,
                                   .one_step = NAN};
  if (vr_fit_arx(&d->estimate, &orders, NULL, &arx, NULL, NULL) < 0)
    return;
  vr_rate_structure(&arx, validation(o, d), ret);
  vr_arx_clear(&arx);
}

/* Fits of what needs no dynamics: the output's mean over the estimation data,
 * and the static gain on the input that explains it best. */
static int fit_baselines(const struct vr_table_options *o,
                         const struct table_data *d, struct vr_table_fit *f) {
  const struct vr_dataset *v = validation(o, d);
  double mean, u_mean[VR_MAX_TABLE_INPUTS], best = -1;
  struct vr_static_gain gain = {0}, g;
  unsigned input = 0;
  vr_dataset_means(&d->estimate, &mean, u_mean);
  for (unsigned i = 0; i < o->n_inputs; i++)
    if (vr_fit_static_gain(&d->estimate, i, &g, NULL) == 0 &&
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
  f->mean_fit = vr_score_values(n, y, flat).fit;
  f->gain_fit = best >= 0 ? vr_score_values(n, y, scaled).fit : NAN;
  return 0;
}

/* What is left over, and what correlation alone says. Short data may not be
 * enough for either: then there is none. */
static int examine(const struct vr_table_options *o, const struct table_data *d,
                   struct vr_table_fit *f) {
  f->delays = calloc(o->n_inputs, sizeof(*f->delays));
  f->poles = calloc(f->arx.na + 1, sizeof(*f->poles));
  if (!f->delays || !f->poles)
    return -ENOMEM;
  if (vr_arx_poles(&f->arx, f->poles) < 0) {
    free(f->poles);
    f->poles = NULL;
  }
  f->has_residuals = vr_test_residuals(&f->arx, validation(o, d), RESIDUAL_LAGS,
                                       &f->residuals, NULL) == 0;
  for (unsigned i = 0; i < o->n_inputs; i++)
    f->delays[i].known =
        vr_prewhitened_xcorr(&d->estimate, i, DELAY_LAGS, WHITENING_ORDER,
                             &f->delays[i].xcorr, NULL) == 0;
  return 0;
}

static int estimate(const struct vr_table_options *o,
                    const struct vr_given_orders *given,
                    const struct table_data *d, struct vr_table_fit *f,
                    struct vr_sysid_error *e) {
  struct order_arrays a;
  unsigned na = given->na;
  for (size_t i = 0; i < o->n_inputs; i++) {
    a.nb[i] = given->n_nb > 1 ? given->nb[i] : given->nb[0];
    a.nk[i] = given->n_nk > 1 ? given->nk[i] : given->nk[0];
  }
  int r = given->given && !o->search ? 0 : search(o, d, f, &na, &a, e);
  if (r < 0)
    return r;
  struct vr_orders orders = orders_of(na, o->n_inputs, &a);
  r = vr_fit_arx(&d->estimate, &orders, NULL, &f->arx, &f->info, e);
  /* Only samples of their own can tell what runs freer. */
  if (r == 0 && f->searched && f->validated)
    r = vr_table_refine(&d->estimate, &d->validate, f);
  if (r < 0)
    return r;
  f->radius = vr_arx_spectral_radius(&f->arx);
  f->stable = f->radius < 1;
  const struct vr_dataset *v = validation(o, d);
  r = vr_score_free_run(&f->arx, v, VR_INITIAL_MEASURED, &f->free_run);
  if (r == 0)
    r = vr_score_one_step(&f->arx, v, &f->one_step);
  if (r == 0)
    r = fit_baselines(o, d, f);
  if (r == 0)
    r = examine(o, d, f);
  if (r == 0 && f->searched)
    fit_seed(o, d, &f->seed);
  return r;
}

int vr_table_fit(const struct vr_table_options *options,
                 const struct vr_given_orders *orders,
                 struct vr_table_fit *ret_fit,
                 struct vr_archive_error *ret_error) {
  vr_cleanup(table_data_clear) struct table_data d = {0};
  struct vr_table_fit f = {.options = *options,
                           .validated = options->validate.from > 0,
                           .kept = VR_REFINEMENTS,
                           .means =
                               calloc(options->n_inputs + 1, sizeof(double))};
  struct vr_sysid_error e = {""};
  if (!f.means)
    return vr_archive_fail(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  int r = load(options, &d, f.means, ret_error);
  if (r == 0) {
    r = estimate(options, orders, &d, &f, &e);
    if (r < 0)
      vr_archive_fail(ret_error, r, "%.200s: %s", options->file,
                      *e.message ? e.message : strerror(-r));
  }
  if (r < 0)
    vr_table_fit_clear(&f);
  else
    *ret_fit = f;
  return r;
}
