/* SPDX-License-Identifier: MIT */
#include "train/report/table_report.h"

#include "train/report/numbers.h"

#include <complex.h>
#include <math.h>
#include <string.h>

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
  const struct vr_candidate *c = vr_table_rescored(s, structure);
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

static void print_reference(const struct vr_table_fit *f, FILE *to) {
  const struct vr_structure_fit *s = &f->reference;
  char remark[100] = "";
  if (s->rows != f->search.rows)
    snprintf(remark, sizeof(remark), "  on %zu rows, %zu samples of its own",
             s->rows, s->samples);
  if (!s->stable)
    strcat(remark, "  not stable");
  if (s->known)
    print_row("reference", s, remark, to);
  else
    fprintf(to, "  %-10s (20, 17, 50): %s\n", "reference", f->reference_note);
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
  print_reference(f, to);
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

void vr_report_table(const struct vr_table_fit *f, FILE *to) {
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
