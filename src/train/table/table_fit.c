/* SPDX-License-Identifier: MIT */
#include "train/table/table_fit.h"

#include "basic/cleanup.h"
#include "sysid/estimate.h"
#include "sysid/poles.h"
#include "train/table/table_baselines.h"
#include "train/table/table_reference.h"
#include "train/table/table_refine.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESIDUAL_LAGS = 25, DELAY_LAGS = 60, WHITENING_ORDER = 30 };

/* Searches; the best structure to *ret, which NB and NK hold the orders of. */
static int search(const struct vr_table_options *o,
                  const struct vr_table_data *d, struct vr_table_fit *f,
                  struct vr_orders *ret, unsigned *nb, unsigned *nk,
                  struct vr_error *e) {
  const struct vr_search_grid grid = vr_table_grid(o);
  const struct vr_search_options options = {.criterion = VR_BIC,
                                            .initial = VR_INITIAL_MEASURED,
                                            .first_row = f->first_row,
                                            .progress = o->progress};
  int r = vr_search(&d->estimate, vr_table_data_validation(f, d), &grid,
                    &options, &f->search, e);
  if (r < 0)
    return r;
  f->searched = true;
  if (f->search.n == 0)
    return vr_error_set(e, -ENODATA,
                        "no structure in the range can be estimated");
  const struct vr_candidate *best = &f->search.candidates[0];
  memcpy(nb, best->nb, o->n_inputs * sizeof(*nb));
  memcpy(nk, best->nk, o->n_inputs * sizeof(*nk));
  *ret = (struct vr_orders){
      .na = best->na, .nu = (unsigned)o->n_inputs, .nb = nb, .nk = nk};
  return 0;
}

/* Poles, and the zeros of every input. */
static int find_roots(const struct vr_table_options *o,
                      struct vr_table_fit *f) {
  f->poles = calloc(f->arx.na + 1, sizeof(*f->poles));
  f->zeros = calloc(o->n_inputs, sizeof(*f->zeros));
  if (!f->poles || !f->zeros)
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
  return 0;
}

/* What is left over, and what correlation alone shows. Short data may not be
 * enough for either: then there is none. */
static int examine(const struct vr_table_options *o,
                   const struct vr_table_data *d, struct vr_table_fit *f) {
  f->delays = calloc(o->n_inputs, sizeof(*f->delays));
  int r = f->delays ? find_roots(o, f) : -ENOMEM;
  if (r < 0)
    return r;
  f->has_residuals =
      vr_sysid_test_residuals(&f->arx, vr_table_data_validation(f, d),
                              RESIDUAL_LAGS, &f->residuals, NULL) == 0;
  for (unsigned i = 0; i < o->n_inputs; i++)
    f->delays[i].known =
        vr_sysid_prewhitened_xcorr(&d->estimate, i, DELAY_LAGS, WHITENING_ORDER,
                                   &f->delays[i].xcorr, NULL) == 0;
  return 0;
}

/* Fits of the model that is left, and of the baselines beside it. */
static int score(const struct vr_table_options *o,
                 const struct vr_table_data *d, struct vr_table_fit *f) {
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  int r =
      vr_dataset_skip(vr_table_data_validation(f, d),
                      f->first_row - vr_arx_largest_lag(&f->arx), &rows, NULL);
  if (r == 0)
    r = vr_simulate_score_free_run(&f->arx, &rows, VR_INITIAL_MEASURED,
                                   &f->free_run);
  if (r == 0)
    r = vr_simulate_score_one_step(&f->arx, &rows, &f->one_step);
  if (r == 0)
    r = vr_table_baselines(o, d, f);
  f->beats_baselines =
      f->free_run.fit >
      fmax(f->mean_fit, isfinite(f->gain_fit) ? f->gain_fit : -INFINITY);
  return r;
}

static int estimate(const struct vr_table_options *o,
                    const struct vr_orders *given,
                    const struct vr_table_data *d, struct vr_table_fit *f,
                    struct vr_error *e) {
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
  struct vr_orders orders = *given;
  int r = o->search ? search(o, d, f, &orders, nb, nk, e) : 0;
  if (r < 0)
    return r;
  r = vr_estimate_arx(&d->estimate, &orders, NULL, &f->arx, &f->info, e);
  if (r == 0)
    r = vr_table_data_check(o, d, f, e);
  /* Only samples of their own can show what runs freer. */
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
    r = vr_table_reference_fit(o, d, f);
  return r;
}

int vr_table_fit(const struct vr_table_options *options,
                 const struct vr_given_orders *given,
                 struct vr_table_fit *ret_fit, struct vr_error *ret_error) {
  vr_cleanup(vr_table_data_clear) struct vr_table_data d = {0};
  /* Without orders they are searched for. */
  struct vr_table_options o = *options;
  o.search = o.search || !given->given;
  struct vr_table_fit f = {.options = o,
                           .kept = VR_REFINEMENTS,
                           .means = calloc(o.n_inputs + 1, sizeof(double))};
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
  const struct vr_orders orders =
      vr_given_orders_of(given, (unsigned)o.n_inputs, nb, nk);
  struct vr_error e = {""};
  if (!f.means)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  int r = vr_table_data_load(&o, &d, &f, ret_error);
  if (r == 0)
    r = o.search ? vr_table_reference_load(&o, &d, &f, ret_error)
                 : vr_table_data_load_validation(
                       &o, &d, vr_dataset_orders_largest_lag(&orders), &f,
                       ret_error);
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
