/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "model/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- any model, tick by tick as it runs live --- */

static int replay(const struct vr_model *m, const double *sums, size_t n,
                  const struct vr_guest_size *size, double *ret_values) {
  struct vr_run *run = vr_run_new(m, 0);
  vr_auto_free double *now = calloc(m->n_inputs + 1, sizeof(*now));
  if (!run || !now) {
    vr_run_free(run);
    return -ENOMEM;
  }
  for (size_t t = 0; t < n; t++) {
    for (size_t i = 0; i < m->n_inputs; i++)
      now[i] = sums[i * n + t];
    ret_values[t] = vr_run_step(run, now, size).value;
  }
  vr_run_free(run);
  return 0;
}

/* --- a linear one, column by column: the same numbers in the same order --- */

/* What vr_run_step() makes of the SUMS of one input; where they are missing U
 * keeps the value before. */
static void take_input(const struct vr_model_input *in, const double *sums,
                       size_t n, const struct vr_guest_size *size, double *u,
                       unsigned char *missing) {
  double last = 0;
  for (size_t t = 0; t < n; t++) {
    double level = vr_model_input_level(in, sums[t], size);
    if (isnan(level))
      missing[t] = 1;
    else
      last = vr_model_input_of_level(in, level);
    u[t] = last;
  }
}

/* A model, and its inputs of N ticks, one after the other. */
struct columns {
  const struct vr_model *m;
  size_t n;
  const double *u;
};

/* Adds B times U of LAG ticks before to the ticks BEGIN .. END - 1; before the
 * first of them U was as it is there. */
static void add_lag(const double *u, double b, size_t lag, size_t begin,
                    size_t end, double *to) {
  size_t at = begin + lag < end ? begin + lag : end;
  for (size_t t = begin; t < at; t++)
    to[t] += b * u[begin];
  for (size_t t = at; t < end; t++)
    to[t] += b * u[t - lag];
}

/* The equation from rest over the ticks BEGIN .. END - 1. */
static void run_equation(const struct columns *c, size_t begin, size_t end,
                         double *y) {
  const struct vr_arx *arx = &c->m->arx;
  double rest = 0;
  memset(y + begin, 0, (end - begin) * sizeof(*y));
  for (unsigned i = 0; i < arx->nu; i++) {
    const struct vr_arx_input *in = &arx->inputs[i];
    const double *u = c->u + i * c->n;
    rest += vr_arx_dc_gain(arx, i) * u[begin];
    for (unsigned k = 0; k < in->nb; k++)
      add_lag(u, in->b[k], in->nk + k, begin, end, y);
  }
  for (size_t t = begin; arx->na > 0 && t < end; t++)
    for (unsigned k = 1; k <= arx->na; k++)
      y[t] -= arx->a[k] * (t - begin < k ? rest : y[t - k]);
}

/* The first tick from FROM on at which the model runs no more. */
static size_t end_of_run(const unsigned char *missing, size_t from, size_t n) {
  unsigned missed = 0;
  size_t t = from;
  for (; t < n; t++) {
    missed = missing[t] ? missed + 1 : 0;
    if (missed > VR_HOLD_TICKS)
      break;
  }
  return t;
}

static void run_columns(const struct columns *c, const unsigned char *missing,
                        const struct vr_guest_size *size, double *ret) {
  for (size_t t = 0, end; t < c->n; t = end) {
    end = t + 1;
    ret[t] = NAN;
    if (missing[t])
      continue;
    end = end_of_run(missing, t, c->n);
    run_equation(c, t, end, ret);
    for (size_t i = t; i < end; i++)
      ret[i] = vr_model_output_value(&c->m->output, ret[i], size);
  }
}

static int run_linear(const struct vr_model *m, const double *sums, size_t n,
                      const struct vr_guest_size *size, double *ret_values) {
  vr_auto_free double *u = malloc((m->n_inputs * n + 1) * sizeof(*u));
  vr_auto_free unsigned char *missing = calloc(n + 1, sizeof(*missing));
  const struct columns c = {m, n, u};
  if (!u || !missing)
    return -ENOMEM;
  for (size_t i = 0; i < m->n_inputs; i++)
    take_input(&m->inputs[i], sums + i * n, n, size, u + i * n, missing);
  run_columns(&c, missing, size, ret_values);
  return 0;
}

static bool is_linear(const struct vr_model *m) {
  return m->structure != VR_LOAD_LAW && m->structure != VR_RATIO &&
         m->structure != VR_SHARE && m->n_inputs == m->arx.nu;
}

int vr_model_simulate(const struct vr_model *m, const double *sums, size_t n,
                      const struct vr_guest_size *size, double *ret_values) {
  return is_linear(m) ? run_linear(m, sums, n, size, ret_values)
                      : replay(m, sums, n, size, ret_values);
}
