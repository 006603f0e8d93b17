/* SPDX-License-Identifier: MIT */
#include "train/table/table_refine.h"

#include "train/report/correlation_report.h"
#include "train/report/numbers.h"

#include <math.h>
#include <string.h>

/* a_1 .. a_na, then all b, as {"a": [0, …], "b": [[…], …]}: the shape of the
 * coefficients, whose leading 1 has no error. */
static json_t *errors_json(const struct vr_table_fit *f) {
  json_t *a = json_array(), *b = json_array();
  const double *se = f->info.se;
  json_array_append_new(a, json_real(0));
  for (unsigned k = 0; k < f->arx.na; k++)
    json_array_append_new(a, vr_report_json_number(se[k]));
  se += f->arx.na;
  for (unsigned i = 0; i < f->arx.nu; i++) {
    json_array_append_new(b, vr_report_json_numbers(se, f->arx.inputs[i].nb));
    se += f->arx.inputs[i].nb;
  }
  return json_pack("{s:o, s:o}", "a", a, "b", b);
}

static json_t *structure_json(const struct vr_candidate *c, unsigned nu) {
  json_t *nb = json_array(), *nk = json_array();
  for (unsigned i = 0; i < nu; i++) {
    json_array_append_new(nb, json_integer(c->nb[i]));
    json_array_append_new(nk, json_integer(c->nk[i]));
  }
  return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "na",
                   (int)c->na, "nb", nb, "nk", nk, "aic",
                   vr_report_json_number(c->criterion[VR_AIC]), "bic",
                   vr_report_json_number(c->criterion[VR_BIC]), "fpe",
                   vr_report_json_number(c->criterion[VR_FPE]), "free_run",
                   vr_report_json_number(c->free_run), "one_step",
                   vr_report_json_number(c->one_step), "stable", c->stable);
}

/* C, or the same structure where it was rescored by free run. */
static const struct vr_candidate *rescored(const struct vr_search_result *s,
                                           const struct vr_candidate *c) {
  for (size_t i = 0; i < s->n; i++) {
    const struct vr_candidate *k = &s->candidates[i];
    if (k->na == c->na && k->nb[0] == c->nb[0] && k->nk[0] == c->nk[0])
      return k;
  }
  return c;
}

static json_t *refinements_json(const struct vr_table_fit *f) {
  json_t *list = json_array();
  for (enum vr_refinement k = 0; k < VR_REFINEMENTS; k++) {
    const struct vr_structure_fit *s = &f->refined[k];
    if (s->known)
      json_array_append_new(
          list, json_pack("{s:s, s:i, s:i, s:i, s:o, s:o, s:b, s:b}", "method",
                          vr_table_refinement_name(k), "na", (int)s->na, "nb",
                          (int)s->nb, "nk", (int)s->nk, "free_run",
                          vr_report_json_number(s->free_run), "one_step",
                          vr_report_json_number(s->one_step), "stable",
                          s->stable, "kept", f->kept == k));
  }
  return list;
}

static json_t *seed_json(const struct vr_structure_fit *s) {
  if (!s->known)
    return json_null();
  return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:I}",
                   "na", (int)s->na, "nb", (int)s->nb, "nk", (int)s->nk, "aic",
                   vr_report_json_number(s->criterion[VR_AIC]), "bic",
                   vr_report_json_number(s->criterion[VR_BIC]), "fpe",
                   vr_report_json_number(s->criterion[VR_FPE]), "free_run",
                   vr_report_json_number(s->free_run), "one_step",
                   vr_report_json_number(s->one_step), "stable", s->stable,
                   "rows", (json_int_t)s->rows, "samples",
                   (json_int_t)s->samples);
}

static json_t *search_json(const struct vr_table_fit *f) {
  const struct vr_search_result *s = &f->search;
  json_t *list = json_array();
  for (size_t i = 0; i < s->n; i++)
    json_array_append_new(list, structure_json(&s->candidates[i], s->nu));
  return json_pack(
      "{s:I, s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "structures",
      (json_int_t)s->n_structures, "singular", (json_int_t)s->n_singular,
      "rows", (json_int_t)s->rows, "tolerance", s->tolerance, "least_aic",
      structure_json(rescored(s, &s->best[VR_AIC]), s->nu), "least_bic",
      structure_json(rescored(s, &s->best[VR_BIC]), s->nu), "least_fpe",
      structure_json(rescored(s, &s->best[VR_FPE]), s->nu), "by_free_run", list,
      "seed", seed_json(&f->seed), "refinements", refinements_json(f),
      "seed_note", f->seed_note);
}

static json_t *residuals_json(const struct vr_table_fit *f) {
  return f->has_residuals ? vr_report_residual_test_json(
                                &f->residuals, f->arx.nu, f->options.inputs)
                          : json_null();
}

static json_t *delays_json(const struct vr_table_fit *f) {
  json_t *list = json_array();
  for (unsigned i = 0; i < f->arx.nu; i++)
    json_array_append_new(list, f->delays[i].known
                                    ? vr_report_xcorr_json(&f->delays[i].xcorr,
                                                           f->options.inputs[i])
                                    : json_null());
  return list;
}

static json_t *roots_json(unsigned n, const double complex *roots) {
  json_t *list = json_array();
  for (unsigned k = 0; k < n; k++)
    json_array_append_new(
        list, json_pack("[o, o]", vr_report_json_number(creal(roots[k])),
                        vr_report_json_number(cimag(roots[k]))));
  return list;
}

static json_t *zeros_json(const struct vr_table_fit *f) {
  json_t *list = json_array();
  for (unsigned i = 0; i < f->arx.nu; i++)
    json_array_append_new(list, f->zeros[i].known
                                    ? roots_json(f->zeros[i].n, f->zeros[i].at)
                                    : json_null());
  return list;
}

/* Which samples: the first ones of each stretch only begin the free run. */
static void set_samples(json_t *root, const struct vr_table_fit *f) {
  json_object_set_new(root, "estimate",
                      json_pack("{s:I, s:I}", "from",
                                (json_int_t)f->estimated.from, "to",
                                (json_int_t)f->estimated.to));
  json_object_set_new(
      root, "validate",
      json_pack("{s:I, s:I, s:i, s:I}", "from", (json_int_t)f->validation.from,
                "to", (json_int_t)f->validation.to, "initial",
                (int)f->first_row, "scored", (json_int_t)f->free_run.samples));
}

static const char *method_name(const struct vr_table_fit *f) {
  if (f->kept < VR_REFINEMENTS)
    return vr_table_refinement_name(f->kept);
  return f->info.method == VR_FIT_TSQR ? "tsqr" : "gram";
}

json_t *vr_table_fit_json(const struct vr_table_fit *f) {
  const struct vr_arx *arx = &f->arx;
  const double one = 1;
  json_t *nb = json_array(), *nk = json_array(), *b = json_array();
  for (unsigned i = 0; i < arx->nu; i++) {
    json_array_append_new(nb, json_integer(arx->inputs[i].nb));
    json_array_append_new(nk, json_integer(arx->inputs[i].nk));
    json_array_append_new(
        b, vr_report_json_numbers(arx->inputs[i].b, arx->inputs[i].nb));
  }
  json_t *root =
      json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:b}", "na",
                (int)arx->na, "nb", nb, "nk", nk, "a",
                vr_report_json_numbers(arx->na ? arx->a : &one, arx->na + 1),
                "b", b, "se", errors_json(f), "fit", "one_step",
                vr_report_json_number(f->one_step.fit), "free_run",
                vr_report_json_number(f->free_run.fit), "stable", f->stable);
  json_t *more = json_pack(
      "{s:b, s:o, s:o, s:b, s:b, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, "
      "s:s, s:s}",
      "beats_baselines", f->beats_baselines, "baselines",
      json_pack("{s:o, s:o}", "mean", vr_report_json_number(f->mean_fit),
                "gain", vr_report_json_number(f->gain_fit)),
      "means", vr_report_json_numbers(f->means, f->arx.nu + 1), "validated",
      f->validated, "held_out", f->held_out, "spectral_radius",
      vr_report_json_number(f->radius), "rows", (json_int_t)f->info.rows,
      "parameters", (json_int_t)f->info.n_parameters, "rss",
      vr_report_json_number(f->info.rss), "noise_variance",
      vr_report_json_number(f->info.noise_variance), "condition",
      vr_report_json_number(f->info.condition), "aic",
      vr_report_json_number(f->info.aic), "bic",
      vr_report_json_number(f->info.bic), "fpe",
      vr_report_json_number(f->info.fpe), "method", method_name(f), "note",
      f->info.note);
  if (root && more)
    json_object_update(root, more);
  json_decref(more);
  if (root) {
    set_samples(root, f);
    json_object_set_new(root, "poles",
                        f->poles ? roots_json(f->arx.na, f->poles)
                                 : json_null());
    json_object_set_new(root, "zeros", zeros_json(f));
    json_object_set_new(root, "residuals", residuals_json(f));
    json_object_set_new(root, "correlation", delays_json(f));
  }
  if (root && f->searched)
    json_object_set_new(root, "search", search_json(f));
  return root;
}

static void print_coefficient(FILE *to, const char *name, unsigned k,
                              double value, double se) {
  fprintf(to, "  %s%-4u %18.10g", name, k, value);
  if (isfinite(se))
    fprintf(to, "  +- %.3g", se);
  fputc('\n', to);
}

static void print_coefficients(const struct vr_table_fit *f, FILE *to) {
  const double *se = f->info.se;
  for (unsigned k = 1; k <= f->arx.na; k++)
    print_coefficient(to, "a", k, f->arx.a[k], *se++);
  for (unsigned i = 0; i < f->arx.nu; i++) {
    const struct vr_arx_input *in = &f->arx.inputs[i];
    fprintf(to, "  input %s: %u coefficients from delay %u\n",
            f->options.inputs[i], in->nb, in->nk);
    for (unsigned k = 0; k < in->nb; k++)
      print_coefficient(to, "b", in->nk + k, in->b[k], *se++);
  }
}

/* One line of the comparison. */
static void print_row(const char *name, const struct vr_structure_fit *s,
                      const char *remark, FILE *to) {
  char orders[48];
  snprintf(orders, sizeof(orders), "(%u, %u, %u)", s->na, s->nb, s->nk);
  fprintf(to, "  %-10s %-16s", name, orders);
  vr_report_print_decimals(to, s->free_run, 2, 10);
  vr_report_print_decimals(to, s->one_step, 2, 10);
  for (enum vr_criterion c = 0; c < VR_CRITERIA; c++)
    vr_report_print_digits(to, s->criterion[c], 8, 14);
  fprintf(to, "%s\n", remark);
}

static void print_structure(const char *name, const struct vr_search_result *s,
                            const struct vr_candidate *structure, FILE *to) {
  const struct vr_candidate *c = rescored(s, structure);
  struct vr_structure_fit row = {.na = c->na,
                                 .nb = c->nb[0],
                                 .nk = c->nk[0],
                                 .free_run = c->free_run,
                                 .one_step = c->one_step};
  memcpy(row.criterion, c->criterion, sizeof(row.criterion));
  print_row(name, &row,
            !isfinite(c->one_step) ? "  not shortlisted"
            : c->stable            ? ""
                                   : "  not stable",
            to);
}

static void print_seed(const struct vr_table_fit *f, FILE *to) {
  const struct vr_structure_fit *s = &f->seed;
  char remark[100] = "";
  if (s->rows != f->search.rows)
    snprintf(remark, sizeof(remark), "  on %zu rows, %zu samples of its own",
             s->rows, s->samples);
  if (!s->stable)
    strcat(remark, "  not stable");
  if (s->known)
    print_row("seed", s, remark, to);
  else
    fprintf(to, "  %-10s (20, 17, 50): %s\n", "seed", f->seed_note);
}

/* Why the first of the list is not the one that runs best. */
static void print_choice(const struct vr_search_result *s, FILE *to) {
  double best = s->candidates[0].free_run;
  for (size_t i = 1; i < s->n; i++)
    if (s->candidates[i].stable == s->candidates[0].stable)
      best = fmax(best, s->candidates[i].free_run);
  if (best > s->candidates[0].free_run)
    fprintf(to,
            "chosen: the fewest parameters within %g points of the best free "
            "run, %.2f %%\n",
            s->tolerance, best);
}

static void print_samples(const struct vr_table_fit *f, FILE *to) {
  const struct vr_samples *e = &f->estimated, *v = &f->validation;
  if (!f->validated)
    fputs("nothing is held out: fits are on the samples estimated on\n", to);
  else if (!f->held_out)
    fprintf(to,
            "not held out: validation samples %zu to %zu are among those "
            "estimated on, %zu to %zu\n",
            v->from, v->to, e->from, e->to);
  else
    fprintf(to, "held out: samples %zu to %zu%s; estimated on: %zu to %zu\n",
            v->from, v->to,
            f->options.validate.from ? "" : ", the last quarter", e->from,
            e->to);
}

static void print_refinements(const struct vr_table_fit *f, FILE *to) {
  static const char *const titles[] = {
      [VR_STEIGLITZ_MCBRIDE] = "refined by Steiglitz-McBride",
      [VR_IMPULSE_RESPONSE] = "regularised impulse response"};
  for (enum vr_refinement k = 0; k < VR_REFINEMENTS; k++) {
    const struct vr_structure_fit *s = &f->refined[k];
    if (s->known)
      fprintf(to, "  %s (%u, %u, %u): free run %.2f %%, one step %.2f %%%s\n",
              titles[k], s->na, s->nb, s->nk, s->free_run, s->one_step,
              f->kept == k ? ", taken" : "");
  }
}

static void print_search(const struct vr_table_fit *f, FILE *to) {
  const struct vr_search_result *s = &f->search;
  fprintf(to, "%zu structures compared on %zu rows, fits on %zu samples:\n",
          s->n_structures, s->rows, f->free_run.samples);
  fprintf(to, "  %-10s %-16s %10s %10s %14s %14s %14s\n", "", "(na, nb, nk)",
          "free run %", "one step %", "AIC", "BIC", "FPE");
  for (size_t i = 0; i < s->n && i < 5; i++)
    print_structure(i == 0 ? "chosen" : "next", s, &s->candidates[i], to);
  print_structure("least AIC", s, &s->best[VR_AIC], to);
  print_structure("least BIC", s, &s->best[VR_BIC], to);
  print_structure("least FPE", s, &s->best[VR_FPE], to);
  print_seed(f, to);
  print_choice(s, to);
  print_refinements(f, to);
}

static void print_residuals(const struct vr_table_fit *f, FILE *to) {
  const struct vr_residual_test *t = &f->residuals;
  for (unsigned i = 0; i < f->arx.nu; i++) {
    const struct vr_xcorr *x = &f->delays[i].xcorr;
    if (f->delays[i].known && x->delay >= 0)
      fprintf(to,
              "input %s, whitened: first seen at delay %d, most at %d "
              "(correlation %.3f, 99 %% band %.3f)\n",
              f->options.inputs[i], x->delay, x->peak, x->r_peak, x->band);
    else if (f->delays[i].known)
      fprintf(to, "input %s, whitened: not seen in the output\n",
              f->options.inputs[i]);
  }
  if (!f->has_residuals)
    return;
  fprintf(to,
          "residuals: %u of %u autocorrelations outside the 99 %% band, chance "
          "of white ones so %.2g;",
          t->outside, t->max_lag, t->p_white);
  for (unsigned i = 0; i < f->arx.nu; i++)
    fprintf(to, " with %s %u of %u", f->options.inputs[i], t->outside_u[i],
            t->max_lag + 1);
  fputc('\n', to);
}

static void print_zeros(const struct vr_table_fit *f, FILE *to) {
  for (unsigned i = 0; i < f->arx.nu; i++) {
    const struct vr_input_zeros *z = &f->zeros[i];
    double largest = 0;
    for (unsigned k = 0; k < z->n; k++)
      largest = fmax(largest, cabs(z->at[k]));
    if (z->known && z->n > 0)
      fprintf(to, ", zero of %s %.6f", f->options.inputs[i], largest);
  }
}

void vr_table_fit_print(const struct vr_table_fit *f, FILE *to) {
  if (f->searched || (f->validated && !f->held_out))
    print_samples(f, to);
  if (f->searched)
    print_search(f, to);
  fprintf(to, "%s: ARX with na = %u, %u parameters, %zu rows%s\n",
          f->options.output, f->arx.na, f->info.n_parameters, f->info.rows,
          f->stable ? "" : "; NOT STABLE");
  print_coefficients(f, to);
  if (*f->info.note)
    fprintf(to, "note: %s\n", f->info.note);
  fprintf(to, "largest pole %.6f", f->radius);
  print_zeros(f, to);
  if (isfinite(f->info.noise_variance))
    fprintf(to, "; residual variance %.6g", f->info.noise_variance);
  if (isfinite(f->info.aic))
    fprintf(to, "; AIC %.6g, BIC %.6g, FPE %.6g", f->info.aic, f->info.bic,
            f->info.fpe);
  fputc('\n', to);
  print_residuals(f, to);
  fprintf(to,
          "fit on %s: free run %.3f %%, one step %.3f %%; baselines: mean "
          "%.3f %%, static gain %.3f %%\n",
          f->validated ? "validation data" : "estimation data", f->free_run.fit,
          f->one_step.fit, f->mean_fit, f->gain_fit);
  if (!f->beats_baselines)
    fputs("This model is no better than a trivial baseline in free run.\n", to);
}
