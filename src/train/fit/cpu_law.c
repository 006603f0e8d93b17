/* SPDX-License-Identifier: MIT */
#include "train/fit/cpu_law.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "model/ratio.h"
#include "train/data/cpu_models.h"
#include "train/data/definitions.h"
#include "train/fit/folds.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Points of fit that a calibrated weight must bring over the known one. */
#define GAIN_OF_CALIBRATION 0.2

/* Steps of the search for the weight: each leaves 0.618 of the range. */
enum { SEARCH_STEPS = 12 };
#define GOLDEN 0.6180339887498949

/* The inputs of a model over all rows, and the truth. */
struct parts {
  struct vr_model *model;
  double *u; /* rows of input 0, of input 1, ... */
  const double *y;
  const unsigned char *fold;
  size_t rows;
};

static double percent_at(const struct parts *p, size_t row) {
  double now[VR_MODEL_MAX_INPUTS];
  for (size_t i = 0; i < p->model->n_inputs; i++) {
    now[i] = p->u[i * p->rows + row];
    if (isnan(now[i]))
      return NAN;
  }
  return fmin(vr_ratio_percent(&p->model->arx, now), 100);
}

/* The squared error over the rows of FOLDS. */
static double error_of(const struct parts *p, size_t delay, double counted,
                       unsigned folds) {
  double sum = 0;
  vr_cpu_model_calibrate(p->model, delay, counted);
  for (size_t t = 0; t < p->rows; t++) {
    if (!(folds >> p->fold[t] & 1) || !isfinite(p->y[t]))
      continue;
    double e = p->y[t] - percent_at(p, t);
    if (isfinite(e))
      sum += e * e;
  }
  return sum;
}

/* The part of the delay that fits the rows of FOLDS best: golden section
 * search. The model is left with it. */
static double calibrate(const struct parts *p, size_t delay, unsigned folds) {
  double low = 0, high = 1;
  double a = high - GOLDEN, b = low + GOLDEN;
  double at_a = error_of(p, delay, a, folds);
  double at_b = error_of(p, delay, b, folds);
  for (int i = 0; i < SEARCH_STEPS; i++) {
    if (at_a <= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - GOLDEN * (high - low);
      at_a = error_of(p, delay, a, folds);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + GOLDEN * (high - low);
      at_b = error_of(p, delay, b, folds);
    }
  }
  double counted = (low + high) / 2;
  vr_cpu_model_calibrate(p->model, delay, counted);
  return counted;
}

static int read_parts(const struct vr_features *f, size_t c, struct parts *p) {
  const struct vr_guest_data *d = f->recordings[0].data;
  int r = 0;
  p->rows = f->rows;
  p->fold = f->fold;
  p->y = d->y[f->counters[c]];
  p->u = calloc(p->model->n_inputs * f->rows + 1, sizeof(*p->u));
  if (!p->u)
    return -ENOMEM;
  for (size_t i = 0; r == 0 && i < p->model->n_inputs; i++)
    r = vr_data_guest_input(d, &p->model->inputs[i], p->u + i * f->rows);
  return r;
}

/* Calibrates M, whose prediction RUN has, where that is worth it. Both are left
 * as they are where it is not. */
static int try_calibrated(const struct vr_features *f, size_t c,
                          struct vr_model *m, double *run) {
  size_t delay = vr_cpu_model_delay(m);
  if (delay == m->n_inputs)
    return 0;
  double known = m->arx.inputs[delay].b[VR_RATIO_NUMERATOR];
  struct parts p = {.model = m};
  vr_auto_free double *held_out = calloc(f->rows + 1, sizeof(*held_out));
  int r = held_out ? read_parts(f, c, &p) : -ENOMEM;
  vr_auto_free double *u = p.u;
  if (r < 0)
    return r;
  for (unsigned k = 0; k < f->n_folds; k++) {
    calibrate(&p, delay, vr_folds_without(f, c, k));
    for (size_t t = 0; t < f->rows; t++)
      if (f->fold[t] == k)
        held_out[t] = percent_at(&p, t);
  }
  double fit = vr_model_fit_of(p.y, held_out, f->used, f->rows);
  if (!(fit > m->fit.free_run + GAIN_OF_CALIBRATION)) {
    vr_cpu_model_calibrate(m, delay, known);
    return 0;
  }
  calibrate(&p, delay, vr_feature_folds(f));
  m->fit.free_run = fit;
  for (size_t t = 0; t < f->rows; t++)
    run[t] = held_out[t];
  return 0;
}

/* The first definition of COUNTER whose series D has, and what it gives. */
static int first_definition(const struct vr_guest_data *d,
                            enum vr_counter counter,
                            const struct vr_train_options *options, double *run,
                            struct vr_model *ret_model) {
  if (options->format < vr_model_structure_version(VR_RATIO))
    return -ENOENT;
  for (size_t i = 0; i < vr_schema_cpu_definitions_count; i++) {
    const struct vr_cpu_definition *def = &vr_schema_cpu_definitions[i];
    if (def->counter != counter ||
        !vr_definitions_serve(def->accelerator, d->accelerator) ||
        (def->steal_clock != VR_STEAL_CLOCK_UNKNOWN &&
         def->steal_clock != d->steal_clock))
      continue;
    int r = vr_cpu_model(def, d->guest, ret_model);
    if (r == 0)
      r = vr_fit_run_model(d, ret_model, run);
    if (r == 0)
      return 0;
    vr_model_clear(ret_model);
    if (r != -ENOENT)
      return r;
  }
  return -ENOENT;
}

int vr_cpu_law_fit(const struct vr_features *f, size_t c,
                   const struct vr_train_options *options, double *run,
                   struct vr_model *ret_model) {
  const struct vr_guest_data *d = f->recordings[0].data;
  struct vr_model m;
  int r = first_definition(d, f->counters[c], options, run, &m);
  if (r < 0)
    return r;
  m.accelerator = d->accelerator;
  m.steal_clock = VR_STEAL_CLOCK_UNKNOWN; /* that of this guest is known */
  m.fit.free_run = vr_model_fit_of(d->y[f->counters[c]], run, f->used, f->rows);
  r = isfinite(m.fit.free_run) ? try_calibrated(f, c, &m, run) : -ENOENT;
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

int vr_cpu_law_predict(const struct vr_guest_data *d, enum vr_counter counter,
                       const struct vr_train_options *options, double *ret) {
  struct vr_model m;
  int r = first_definition(d, counter, options, ret, &m);
  if (r == 0)
    vr_model_clear(&m);
  return r;
}
