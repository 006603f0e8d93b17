/* SPDX-License-Identifier: MIT */
#include "train/table/table_refine.h"

#include "basic/cleanup.h"
#include "sysid/arx_build.h"
#include "sysid/poles.h"
#include "sysid/refine.h"
#include "sysid/regularised.h"
#include "sysid/simulate.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Points of fit that something else than least squares must bring, as much as a
 * search gives away for fewer parameters. */
#define GAIN_OF_REFINEMENT 0.05

/* Coefficients of an impulse response, all inputs together: every step towards
 * its hyper-parameters costs the cube of them. */
enum { MAX_FIR = 100 };

/* What is known of ARX, whose parameters are not of least squares: no
 * standard errors, no criteria that count on the least sum of squares. */
static int describe(const struct vr_arx *arx, const struct vr_dataset *estimate,
                    struct vr_fit_info *ret) {
  struct vr_fit_info info = {.condition = NAN,
                             .aic = NAN,
                             .bic = NAN,
                             .fpe = NAN,
                             .noise_variance = NAN,
                             .n_parameters = arx->na};
  struct vr_score s;
  for (unsigned i = 0; i < arx->nu; i++)
    info.n_parameters += arx->inputs[i].nb;
  int r = vr_simulate_score_one_step(arx, estimate, &s);
  if (r < 0)
    return r;
  info.rows = s.samples;
  info.rss = s.rmse * s.rmse * (double)s.samples;
  if (info.rows > info.n_parameters)
    info.noise_variance = info.rss / (double)(info.rows - info.n_parameters);
  info.se = malloc(info.n_parameters * sizeof(*info.se));
  if (!info.se)
    return -ENOMEM;
  for (unsigned k = 0; k < info.n_parameters; k++)
    info.se[k] = NAN;
  *ret = info;
  return 0;
}

/* The iterate that runs freest on ESTIMATE; VALIDATE shall only judge it. */
static int steiglitz_mcbride(const struct vr_table_fit *f,
                             const struct vr_dataset *estimate,
                             struct vr_structure_fit *ret_fit,
                             struct vr_arx *ret_arx,
                             struct vr_fit_info *ret_info) {
  vr_cleanup(vr_arx_clear) struct vr_arx arx = {0};
  unsigned iterate;
  if (f->arx.na == 0)
    return -ENOENT;
  int r = vr_sysid_arx_copy(&f->arx, &arx);
  if (r == 0)
    r = vr_sysid_steiglitz_mcbride(&arx, estimate, estimate,
                                   VR_INITIAL_MEASURED, NULL, &iterate, NULL);
  if (r == 0)
    r = describe(&arx, estimate, ret_info);
  if (r < 0)
    return r;
  snprintf(ret_info->note, sizeof(ret_info->note),
           "Steiglitz-McBride, iterate %u; no standard errors", iterate);
  ret_fit->na = arx.na;
  ret_fit->nb = arx.inputs[0].nb;
  ret_fit->nk = arx.inputs[0].nk;
  *ret_arx = arx;
  arx = (struct vr_arx){0};
  return 0;
}

/* As long as the range allows, from its least delay on: the prior sees to it
 * that what is not needed stays small. */
static int impulse_response(const struct vr_table_fit *f,
                            const struct vr_dataset *estimate,
                            struct vr_structure_fit *ret_fit,
                            struct vr_arx *ret_arx,
                            struct vr_fit_info *ret_info) {
  const struct vr_table_options *o = &f->options;
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
  unsigned longest = MAX_FIR / (unsigned)o->n_inputs;
  if (longest > o->search_nb.max)
    longest = o->search_nb.max;
  if (o->search_na.min > 0 || longest < o->search_nb.min)
    return -ENOENT;
  for (size_t i = 0; i < o->n_inputs; i++) {
    nb[i] = longest;
    nk[i] = o->search_nk.min;
  }
  const struct vr_orders orders = {0, (unsigned)o->n_inputs, nb, nk};
  vr_cleanup(vr_arx_clear) struct vr_arx arx = {0};
  vr_cleanup(vr_regularised_info_clear) struct vr_fir_info fir = {0};
  int r = vr_regularised_fit_fir(estimate, &orders, &arx, &fir, NULL);
  if (r == 0)
    r = describe(&arx, estimate, ret_info);
  if (r < 0)
    return r;
  ret_info->noise_variance = fir.noise_variance;
  snprintf(ret_info->note, sizeof(ret_info->note),
           "impulse response regularised by the TC kernel, %.1f effective "
           "parameters; no standard errors",
           fir.effective_parameters);
  ret_fit->nb = longest;
  ret_fit->nk = o->search_nk.min;
  *ret_arx = arx;
  arx = (struct vr_arx){0};
  return 0;
}

typedef int refine(const struct vr_table_fit *f,
                   const struct vr_dataset *estimate,
                   struct vr_structure_fit *ret_fit, struct vr_arx *ret_arx,
                   struct vr_fit_info *ret_info);

/* Tries one, and takes it if its free run is above *BEST. */
static int consider(refine *try, enum vr_refinement which,
                    const struct vr_dataset *estimate,
                    const struct vr_dataset *validate, double *best,
                    struct vr_table_fit *f) {
  struct vr_structure_fit fit = {.criterion = {NAN, NAN, NAN}};
  struct vr_arx arx;
  struct vr_fit_info info;
  int r = try(f, estimate, &fit, &arx, &info);
  if (r < 0) /* this data does not allow it: there is a model without */
    return r == -ENOMEM ? r : 0;
  r = vr_table_rate_structure(&arx, validate, f->first_row, &fit);
  if (r == 0)
    f->refined[which] = fit;
  if (r < 0 || !(fit.free_run > *best + GAIN_OF_REFINEMENT)) {
    vr_arx_clear(&arx);
    vr_estimate_info_clear(&info);
    return r;
  }
  vr_arx_clear(&f->arx);
  vr_estimate_info_clear(&f->info);
  f->arx = arx;
  f->info = info;
  f->kept = which;
  *best = fit.free_run;
  return 0;
}

int vr_table_refine(const struct vr_dataset *estimate,
                    const struct vr_dataset *validate, struct vr_table_fit *f) {
  struct vr_structure_fit now;
  int r = vr_table_rate_structure(&f->arx, validate, f->first_row, &now);
  if (r < 0)
    return r;
  double best = isfinite(now.free_run) ? now.free_run : -INFINITY;
  r = consider(steiglitz_mcbride, VR_STEIGLITZ_MCBRIDE, estimate, validate,
               &best, f);
  if (r == 0)
    r = consider(impulse_response, VR_IMPULSE_RESPONSE, estimate, validate,
                 &best, f);
  return r;
}
