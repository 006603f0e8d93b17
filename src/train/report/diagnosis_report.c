/* SPDX-License-Identifier: MIT */
#include "train/report/diagnosis_report.h"

#include "basic/cleanup.h"
#include "train/report/correlation_report.h"

#include <stdlib.h>

static void print_root(double complex z, FILE *f) {
  fprintf(f, " %.4g", creal(z));
  if (cimag(z) != 0)
    fprintf(f, "%+.4gi", cimag(z));
}

static void print_roots(const char *what, unsigned n,
                        const double complex *roots, FILE *f) {
  if (n == 0)
    return;
  fprintf(f, "    %s", what);
  for (unsigned k = 0; k < n; k++)
    print_root(roots[k], f);
  fputc('\n', f);
}

static void print_delay(const struct vr_diagnosis_input *in, double step,
                        FILE *f) {
  const struct vr_xcorr *c = &in->delay;
  if (!in->has_delay)
    return;
  if (c->delay < 0)
    fprintf(f, "    %s, whitened: not seen in the counter\n", in->name);
  else
    fprintf(f,
            "    %s, whitened: first seen after %g s, most after %g s "
            "(correlation %.3f, 99 %% band %.3f)\n",
            in->name, c->delay * step, c->peak * step, c->r_peak, c->band);
}

void vr_report_diagnosis(const struct vr_diagnosis *x, double step, FILE *f) {
  print_roots("poles", x->n_poles, x->poles, f);
  for (unsigned i = 0; i < x->n_inputs; i++) {
    char what[80];
    snprintf(what, sizeof(what), "zeros of %s", x->inputs[i].name);
    print_roots(what, x->inputs[i].n_zeros, x->inputs[i].zeros, f);
    print_delay(&x->inputs[i], step, f);
  }
  if (!x->has_residuals)
    return;
  const struct vr_residual_test *t = &x->residuals;
  fprintf(f,
          "    residuals: %u of %u autocorrelations outside the 99 %% band of "
          "%.3f, chance of white ones so %.2g;",
          t->outside, t->max_lag, t->band, t->p_white);
  for (unsigned i = 0; i < x->n_inputs; i++)
    fprintf(f, " with %s %u of %u", x->inputs[i].name, t->outside_u[i],
            t->max_lag + 1);
  fputc('\n', f);
}

static json_t *roots_json(unsigned n, const double complex *roots) {
  json_t *list = json_array();
  for (unsigned k = 0; k < n; k++)
    json_array_append_new(
        list, json_pack("[f, f]", creal(roots[k]), cimag(roots[k])));
  return list;
}

json_t *vr_report_diagnosis_json(const struct vr_diagnosis *x) {
  json_t *delays = json_array(), *zeros = json_array();
  vr_auto_free const char **names = calloc(x->n_inputs + 1, sizeof(*names));
  for (unsigned i = 0; names && i < x->n_inputs; i++) {
    const struct vr_diagnosis_input *in = &x->inputs[i];
    names[i] = in->name;
    json_array_append_new(
        delays, in->has_delay ? vr_report_xcorr_json(&in->delay, in->name)
                              : json_null());
    json_array_append_new(zeros, roots_json(in->n_zeros, in->zeros));
  }
  return json_pack(
      "{s:o, s:o, s:o, s:o}", "poles", roots_json(x->n_poles, x->poles),
      "zeros", zeros, "correlation", delays, "residuals",
      names && x->has_residuals
          ? vr_report_residual_test_json(&x->residuals, x->n_inputs, names)
          : json_null());
}
