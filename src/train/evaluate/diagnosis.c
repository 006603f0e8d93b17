/* SPDX-License-Identifier: MIT */
#include "train/evaluate/diagnosis.h"

#include "basic/cleanup.h"
#include "sysid/poles.h"
#include "train/report/correlation_report.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { RESIDUAL_LAGS = 25, DELAY_LAGS = 60, WHITENING_ORDER = 30 };

void vr_diagnosis_clear(struct vr_diagnosis *x) {
  for (unsigned i = 0; i < x->n_inputs; i++) {
    if (x->inputs[i].has_delay)
      vr_xcorr_clear(&x->inputs[i].delay);
    free(x->inputs[i].zeros);
  }
  free(x->inputs);
  free(x->poles);
  if (x->has_residuals)
    vr_residual_test_clear(&x->residuals);
  *x = (struct vr_diagnosis){0};
}

/* Is IN what source S gives? */
static bool is_source(const struct vr_model_input *in,
                      const struct vr_source *s) {
  for (size_t i = 0; i < in->n_signals; i++)
    if (i == VR_SOURCE_SIGNALS || !s->signals[i] ||
        strcmp(s->signals[i], in->signals[i]) != 0)
      return false;
  return in->n_signals == VR_SOURCE_SIGNALS || !s->signals[in->n_signals];
}

static const char *name_of(const struct vr_model_input *in) {
  for (size_t s = 0; s < vr_sources_count; s++)
    if (is_source(in, &vr_sources[s]))
      return vr_sources[s].name;
  return in->signals[0];
}

/* The model's inputs, one column each, to U. */
static int read_inputs(const struct vr_guest_data *d, const struct vr_model *m,
                       double *storage, const double **u) {
  for (size_t i = 0; i < m->n_inputs; i++) {
    double *to = storage + i * d->grid.rows;
    int r = vr_data_guest_input(d, &m->inputs[i], to);
    if (r < 0)
      return r;
    u[i] = to;
  }
  return 0;
}

/* Poles, and the zeros of every input. */
static int find_roots(const struct vr_model *m, struct vr_diagnosis *x) {
  x->poles = calloc(m->arx.na + 1, sizeof(*x->poles));
  if (!x->poles)
    return -ENOMEM;
  if (vr_poles_of_arx(&m->arx, x->poles) == 0)
    x->n_poles = m->arx.na;
  for (unsigned i = 0; i < x->n_inputs; i++) {
    struct vr_diagnosis_input *in = &x->inputs[i];
    in->zeros = calloc(m->arx.inputs[i].nb + 1, sizeof(*in->zeros));
    if (!in->zeros)
      return -ENOMEM;
    if (vr_poles_zeros_of_arx(&m->arx, i, in->zeros, &in->n_zeros) < 0)
      in->n_zeros = 0;
  }
  return 0;
}

/* When each of the inputs U is seen in Y. */
static int find_delays(size_t rows, const double *y, const double *const *u,
                       struct vr_diagnosis *x) {
  for (unsigned i = 0; i < x->n_inputs; i++) {
    vr_cleanup(vr_dataset_clear) struct vr_dataset set = {0};
    int r =
        vr_dataset_split(rows, y, 1, &u[i], 2 * WHITENING_ORDER, &set, NULL);
    if (r == 0)
      r = vr_sysid_prewhitened_xcorr(&set, 0, DELAY_LAGS, WHITENING_ORDER,
                                     &x->inputs[i].delay, NULL);
    if (r == -ENOMEM)
      return r;
    x->inputs[i].has_delay = r == 0;
  }
  return 0;
}

/* The residuals E, made free of their mean, against themselves and U. They were
 * not estimated on, so the test is that of a model without parameters. */
static int test_residuals(size_t rows, double *e, const double *const *u,
                          struct vr_diagnosis *x) {
  double zero = 0, mean = 0;
  vr_auto_free struct vr_arx_input *none =
      calloc(x->n_inputs + 1, sizeof(*none));
  vr_cleanup(vr_dataset_clear) struct vr_dataset set = {0};
  if (!none)
    return -ENOMEM;
  for (unsigned i = 0; i < x->n_inputs; i++)
    none[i] = (struct vr_arx_input){.nb = 1, .b = &zero};
  const struct vr_arx nothing = {.nu = x->n_inputs, .inputs = none};
  int r = vr_dataset_split(rows, e, x->n_inputs, u, 2, &set, NULL);
  if (r < 0)
    return r == -ENOMEM ? r : 0;
  vr_auto_free double *means = calloc(x->n_inputs + 1, sizeof(*means));
  if (!means)
    return -ENOMEM;
  vr_dataset_means(&set, &mean, means);
  for (size_t t = 0; t < rows; t++)
    e[t] -= mean;
  r = vr_sysid_test_residuals(&nothing, &set, RESIDUAL_LAGS, &x->residuals,
                              NULL);
  x->has_residuals = r == 0;
  return r == -ENOMEM ? r : 0;
}

int vr_evaluate_diagnose(const struct vr_guest_data *d,
                         const struct vr_model *m, const double *predicted,
                         const unsigned char *used, struct vr_diagnosis *ret) {
  size_t rows = d->grid.rows, n = m->n_inputs;
  struct vr_diagnosis x = {0};
  vr_auto_free double *columns = calloc((n + 2) * rows + 1, sizeof(*columns));
  vr_auto_free const double **u = calloc(n + 1, sizeof(*u));
  double *y = columns, *e = columns + rows;
  x.inputs = calloc(n + 1, sizeof(*x.inputs));
  int r = columns && u && x.inputs ? 0 : -ENOMEM;
  if (r == 0)
    r = read_inputs(d, m, columns + 2 * rows, u);
  if (r == 0) {
    x.n_inputs = (unsigned)n;
    for (unsigned i = 0; i < n; i++)
      x.inputs[i].name = name_of(&m->inputs[i]);
    for (size_t t = 0; t < rows; t++) {
      y[t] = used[t] ? d->y[m->counter][t] : NAN;
      e[t] = y[t] - predicted[t];
    }
    r = find_roots(m, &x);
  }
  if (r == 0)
    r = find_delays(rows, y, u, &x);
  if (r == 0 && n > 0)
    r = test_residuals(rows, e, u, &x);
  if (r == 0)
    *ret = x;
  else
    vr_diagnosis_clear(&x);
  return r == -ENOMEM ? r : 0;
}

/* --- the report --- */

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

void vr_diagnosis_print(const struct vr_diagnosis *x, double step, FILE *f) {
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

json_t *vr_diagnosis_json(const struct vr_diagnosis *x) {
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
