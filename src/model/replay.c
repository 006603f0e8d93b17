/* SPDX-License-Identifier: MIT */
#include "basic/array.h"
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

/* Ticks from BEGIN to END - 1 on which the model runs, from REST on. */
struct stretch {
  size_t begin, end;
  double rest;
};

struct stretches {
  size_t n, room;
  struct stretch *of;
};

static void stretches_clear(struct stretches *s) { free(s->of); }

/* Marks the ticks at which the SUMS of an input are MISSING. */
static void mark_missing(const struct vr_model_input *in, const double *sums,
                         size_t n, const struct vr_guest_size *size,
                         unsigned char *missing) {
  for (size_t t = 0; t < n; t++)
    missing[t] |= isnan(vr_model_input_level(in, sums[t], size)) != 0;
}

/* What vr_run_step() makes of the SUMS of one input; where they are missing U
 * keeps the value before. */
static void take_input(const struct vr_model_input *in, const double *sums,
                       size_t n, const struct vr_guest_size *size, double *u) {
  double last = 0;
  for (size_t t = 0; t < n; t++) {
    double level = vr_model_input_level(in, sums[t], size);
    last = isnan(level) ? last : vr_model_input_of_level(in, level);
    u[t] = last;
  }
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

/* Where a model runs. Returns 0 or -ENOMEM. */
static int find_stretches(const unsigned char *missing, size_t n,
                          struct stretches *ret) {
  for (size_t t = 0, end; t < n; t = end) {
    end = t + 1;
    if (missing[t])
      continue;
    end = end_of_run(missing, t, n);
    if (vr_array_reserve(&ret->of, &ret->room, ret->n + 1) < 0)
      return -ENOMEM;
    ret->of[ret->n++] = (struct stretch){.begin = t, .end = end};
  }
  return 0;
}

/* Adds B times U of LAG ticks before to the ticks of S; before the first of
 * them U was as it is there. */
static void add_lag(const double *u, double b, size_t lag,
                    const struct stretch *s, double *to) {
  size_t at = s->begin + lag < s->end ? s->begin + lag : s->end;
  for (size_t t = s->begin; t < at; t++)
    to[t] += b * u[s->begin];
  for (size_t t = at; t < s->end; t++)
    to[t] += b * u[t - lag];
}

/* What input I of M, which is U, adds to the ticks of S. */
static void add_input(const struct vr_model *m, unsigned i, const double *u,
                      struct stretch *s, double *to) {
  const struct vr_arx_input *in = &m->arx.inputs[i];
  s->rest += vr_arx_dc_gain(&m->arx, i) * u[s->begin];
  for (unsigned k = 0; k < in->nb; k++)
    add_lag(u, in->b[k], in->nk + k, s, to);
}

/* The past outputs, and what M gives then. */
static void finish(const struct vr_model *m, const struct stretch *s,
                   const struct vr_guest_size *size, double *y) {
  const struct vr_arx *arx = &m->arx;
  for (size_t t = s->begin; arx->na > 0 && t < s->end; t++)
    for (unsigned k = 1; k <= arx->na; k++)
      y[t] -= arx->a[k] * (t - s->begin < k ? s->rest : y[t - k]);
  for (size_t t = s->begin; t < s->end; t++)
    y[t] = vr_model_output_value(&m->output, y[t], size);
}

static int run_linear(const struct vr_model *m, const double *sums, size_t n,
                      const struct vr_guest_size *size, double *ret) {
  vr_cleanup(stretches_clear) struct stretches s = {0};
  vr_auto_free double *u = malloc((n + 1) * sizeof(*u));
  vr_auto_free unsigned char *missing = calloc(n + 1, sizeof(*missing));
  if (!u || !missing)
    return -ENOMEM;
  for (size_t i = 0; i < m->n_inputs; i++)
    mark_missing(&m->inputs[i], sums + i * n, n, size, missing);
  if (find_stretches(missing, n, &s) < 0)
    return -ENOMEM;
  for (size_t t = 0; t < n; t++)
    ret[t] = NAN;
  for (size_t k = 0; k < s.n; k++)
    memset(ret + s.of[k].begin, 0,
           (s.of[k].end - s.of[k].begin) * sizeof(*ret));
  for (unsigned i = 0; i < m->n_inputs; i++) {
    take_input(&m->inputs[i], sums + i * n, n, size, u);
    for (size_t k = 0; k < s.n; k++)
      add_input(m, i, u, &s.of[k], ret);
  }
  for (size_t k = 0; k < s.n; k++)
    finish(m, &s.of[k], size, ret);
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
