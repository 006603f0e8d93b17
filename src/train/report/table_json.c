/* SPDX-License-Identifier: MIT */
#include "train/report/correlation_report.h"
#include "train/report/numbers.h"
#include "train/report/table_report.h"

#include <complex.h>
#include <math.h>

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

static json_t *reference_json(const struct vr_structure_fit *s) {
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
      structure_json(vr_table_rescored(s, &s->best[VR_AIC]), s->nu),
      "least_bic",
      structure_json(vr_table_rescored(s, &s->best[VR_BIC]), s->nu),
      "least_fpe",
      structure_json(vr_table_rescored(s, &s->best[VR_FPE]), s->nu),
      "by_free_run", list, "seed", reference_json(&f->reference), "refinements",
      refinements_json(f), "seed_note", f->reference_note);
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

json_t *vr_report_table_json(const struct vr_table_fit *f) {
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
