/* SPDX-License-Identifier: MIT */
#include "train/fit/cpu_law.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "model/ratio.h"
#include "model/units.h"
#include "train/data/cpu_models.h"
#include "train/data/definitions.h"
#include "train/fit/folds.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points of fit that a calibrated weight must bring over the known one. */
#define GAIN_OF_CALIBRATION 0.2

/* Steps of the search for the weight: each leaves 0.618 of the range. */
enum { SEARCH_STEPS = 12 };
#define GOLDEN 0.6180339887498949

/* One guest whose truth a model is to meet. */
struct parts {
  const struct vr_guest_data *data;
  const double *y;
  const unsigned char *fold; /* of each row; NULL: there is one */
  double *u;    /* the model's inputs in each part of a row: 0, then 1, ... */
  double *fine; /* room for a value in each part */
  double *run;  /* and in each row */
};

/* Guests, and the model that their truth calibrates. */
struct calibration {
  struct vr_model *model;
  size_t delay; /* which input */
  size_t n;
  struct parts *of;
};

static void parts_clear(struct parts *p) {
  free(p->u);
  free(p->fine);
  free(p->run);
  *p = (struct parts){0};
}

/* What M says at the truth's times, into P's run: it is no line, so what comes
 * of means is not the mean of what comes. */
static void predict(const struct vr_model *m, struct parts *p) {
  size_t parts = vr_data_guest_parts(p->data);
  vr_ratio_percents(&m->arx, p->u, parts, parts, p->fine);
  for (size_t t = 0; t < parts; t++)
    p->fine[t] = vr_model_clamp(p->fine[t], 0, 100);
  if (vr_data_guest_mean(p->data, p->fine, p->run) < 0)
    for (size_t t = 0; t < p->data->grid.rows; t++)
      p->run[t] = NAN;
}

/* The squared error over the rows of FOLDS. */
static double error_of(const struct calibration *k, double counted,
                       unsigned folds) {
  double sum = 0;
  vr_cpu_model_calibrate(k->model, k->delay, counted);
  for (size_t g = 0; g < k->n; g++) {
    struct parts *p = &k->of[g];
    predict(k->model, p);
    for (size_t t = 0; t < p->data->grid.rows; t++) {
      double e = p->y[t] - p->run[t];
      if (isfinite(e) && (!p->fold || folds >> p->fold[t] & 1))
        sum += e * e;
    }
  }
  return sum;
}

/* The part of the delay that fits the rows of FOLDS best: golden section
 * search. The model is left with it. */
static void calibrate(const struct calibration *k, unsigned folds) {
  double low = 0, high = 1;
  double a = high - GOLDEN, b = low + GOLDEN;
  double at_a = error_of(k, a, folds);
  double at_b = error_of(k, b, folds);
  for (int i = 0; i < SEARCH_STEPS; i++) {
    if (at_a <= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - GOLDEN * (high - low);
      at_a = error_of(k, a, folds);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + GOLDEN * (high - low);
      at_b = error_of(k, b, folds);
    }
  }
  vr_cpu_model_calibrate(k->model, k->delay, (low + high) / 2);
}

/* What D has of M's inputs. Returns 0, -ENOENT where it lacks one, -ENOMEM. */
static int read_parts(const struct vr_guest_data *d, const struct vr_model *m,
                      struct parts *ret) {
  size_t parts = vr_data_guest_parts(d);
  struct parts p = {.data = d,
                    .y = d->y[m->counter],
                    .u = calloc(m->n_inputs * parts + 1, sizeof(double)),
                    .fine = calloc(parts + 1, sizeof(double)),
                    .run = calloc(d->grid.rows + 1, sizeof(double))};
  int r = p.u && p.fine && p.run ? 0 : -ENOMEM;
  for (size_t i = 0; r == 0 && i < m->n_inputs; i++)
    r = vr_data_guest_input_parts(d, &m->inputs[i], p.u + i * parts);
  if (r < 0)
    parts_clear(&p);
  else
    *ret = p;
  return r;
}

/* Calibrates M, whose prediction RUN has, where that is worth it. Both are left
 * as they are where it is not. */
static int try_calibrated(const struct vr_features *f, size_t c,
                          struct vr_model *m, double *run) {
  vr_cleanup(parts_clear) struct parts p = {0};
  const struct calibration k = {m, vr_cpu_model_delay(m), 1, &p};
  if (k.delay == m->n_inputs)
    return 0;
  double known = m->arx.inputs[k.delay].b[VR_RATIO_NUMERATOR];
  vr_auto_free double *held_out = calloc(f->rows + 1, sizeof(*held_out));
  int r = held_out ? read_parts(f->recordings[0].data, m, &p) : -ENOMEM;
  if (r < 0)
    return r;
  p.fold = f->fold;
  for (unsigned i = 0; i < f->n_folds; i++) {
    calibrate(&k, vr_folds_without(f, c, i));
    predict(m, &p);
    for (size_t t = 0; t < f->rows; t++)
      if (f->fold[t] == i)
        held_out[t] = p.run[t];
  }
  double fit = vr_model_fit_of(p.y, held_out, f->used, f->rows);
  if (!(fit > m->fit.free_run + GAIN_OF_CALIBRATION)) {
    vr_cpu_model_calibrate(m, k.delay, known);
    return 0;
  }
  calibrate(&k, vr_feature_folds(f));
  m->fit.free_run = fit;
  memcpy(run, held_out, f->rows * sizeof(*run));
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
  if (!isfinite(m.fit.free_run))
    r = -ENOENT;
  else if (!f->rehearsal)
    r = try_calibrated(f, c, &m, run);
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

/* Calibrates M on what OTHERS have of its inputs; without any it stays as it
 * is. */
static int calibrate_on(const struct vr_guest_data *const *others, size_t n,
                        struct vr_model *m) {
  struct calibration k = {.model = m, .delay = vr_cpu_model_delay(m)};
  k.of = calloc(n + 1, sizeof(*k.of));
  int r = k.of ? 0 : -ENOMEM;
  for (size_t g = 0; r == 0 && k.delay < m->n_inputs && g < n; g++) {
    r = others[g]->y[m->counter] ? read_parts(others[g], m, &k.of[k.n])
                                 : -ENOENT;
    k.n += r == 0;
    r = r == -ENOENT ? 0 : r;
  }
  if (r == 0 && k.n > 0)
    calibrate(&k, 0);
  for (size_t g = 0; g < k.n; g++)
    parts_clear(&k.of[g]);
  free(k.of);
  return r;
}

int vr_cpu_law_predict(const struct vr_guest_data *d, enum vr_counter counter,
                       const struct vr_guest_data *const *others, size_t n,
                       const struct vr_train_options *options, double *ret) {
  struct vr_model m;
  int r = first_definition(d, counter, options, ret, &m);
  if (r < 0)
    return r;
  r = calibrate_on(others, n, &m);
  if (r == 0)
    r = vr_fit_run_model(d, &m, ret);
  vr_model_clear(&m);
  return r;
}
