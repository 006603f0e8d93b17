/* SPDX-License-Identifier: MIT */
#include "train/fit/defined.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "model/fit.h"
#include "train/data/definitions.h"
#include "train/data/sources.h"
#include "train/fit/cpu_law.h"
#include "train/fit/fit_intervals.h"
#include "train/fit/infer.h"
#include "train/fit/measured.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

double vr_fit_calibrate_wait(const double *y, const double *run,
                             const double *wait, double gain,
                             const unsigned char *fold, unsigned folds,
                             size_t rows) {
  double energy = 0, product = 0;
  for (size_t i = 0; i < rows; i++) {
    if ((fold && !(folds >> fold[i] & 1)) || !isfinite(y[i]) ||
        !isfinite(run[i]) || !isfinite(wait[i]))
      continue;
    energy += gain * wait[i] * gain * wait[i];
    product += gain * wait[i] * (y[i] - gain * run[i]);
  }
  return energy > 0 ? fmin(fmax(product / energy, 0), 1) : 1;
}

static int copy_baseline(const struct vr_model_baseline *from,
                         struct vr_model_baseline *ret) {
  struct vr_model_baseline b = *from;
  if (b.has_gain && vr_data_input_copy(&from->gain_input, &b.gain_input) < 0)
    return -ENOMEM;
  *ret = b;
  return 0;
}

/* One input of DEF's model with WEIGHT 0, at the truth's times. */
static int definition_part(const struct vr_features *f,
                           const struct vr_model *m, size_t input,
                           double *ret) {
  return vr_data_guest_input(f->recordings[0].data, &m->inputs[input], ret);
}

/* What part of the run-queue delay counts as busy, by held-out blocks: the
 * predictions go to RET_RUN. *ret_weight is that of all data. */
static int calibrate(const struct vr_features *f, size_t c,
                     const struct vr_direct *def, double *ret_run,
                     double *ret_weight) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[f->counters[c]];
  vr_cleanup(vr_model_clear) struct vr_model parts = {0};
  vr_auto_free double *x = calloc(2 * f->rows + 1, sizeof(*x));
  int r = x ? vr_definitions_model(def, d->guest, 0, &parts) : -ENOMEM;
  double *ran = x, *waited = x + f->rows;
  double max = vr_counter_info(def->counter)->max;
  if (r == 0)
    r = definition_part(f, &parts, 0, ran);
  if (r == 0)
    r = definition_part(f, &parts, 1, waited);
  if (r < 0)
    return r;
  for (unsigned k = 0; k < f->n_folds; k++) {
    double w = vr_fit_calibrate_wait(y, ran, waited, def->gain, f->fold,
                                     vr_feature_folds(f) & ~(1u << k), f->rows);
    for (size_t i = 0; i < f->rows; i++)
      if (f->fold[i] == k)
        ret_run[i] = fmin(fmax(def->gain * (ran[i] + w * waited[i]), 0), max);
  }
  *ret_weight =
      vr_fit_calibrate_wait(y, ran, waited, def->gain, NULL, 0, f->rows);
  return 0;
}

/* Points of fit that a calibrated weight must bring over the known 1. */
#define GAIN_OF_CALIBRATION 0.2

/* The model of DEF on this guest's data with its fit; -ENOENT when its series
 * are not there or never known. */
static int validate_definition(const struct vr_features *f, size_t c,
                               const struct vr_direct *def, double *run,
                               struct vr_model *ret_model) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const double *y = d->y[def->counter];
  struct vr_model m;
  double weight, fit;
  int r = vr_definitions_model(def, d->guest, 1, &m);
  if (r < 0)
    return r;
  r = vr_fit_run_model(d, &m, run);
  m.fit.free_run = r == 0 ? vr_model_fit_of(y, run, f->used, f->rows) : NAN;
  if (r == 0 && !isfinite(m.fit.free_run))
    r = -ENOENT;
  if (r == 0 && def->n_values > 1 && !f->rehearsal) {
    r = calibrate(f, c, def, run, &weight);
    fit = r == 0 ? vr_model_fit_of(y, run, f->used, f->rows) : NAN;
    if (r == 0 && fit > m.fit.free_run + GAIN_OF_CALIBRATION) {
      vr_model_clear(&m);
      r = vr_definitions_model(def, d->guest, weight, &m);
      m.fit.free_run = fit;
    } else if (r == 0) {
      r = vr_fit_run_model(d, &m, run);
    }
  }
  if (r == 0)
    r = vr_fit_interval_of_guest(f, c, run, &m);
  if (r < 0) {
    vr_model_clear(&m);
    return r;
  }
  m.accelerator = d->accelerator;
  *ret_model = m;
  return 0;
}

/* Warns which series DEF lacks, where it has others: a guest may do without a
 * tap, but not with half of what its vCPU threads count. */
static void warn_of_missing(const struct vr_features *f,
                            const struct vr_direct *def, double *scratch) {
  const struct vr_guest_data *d = f->recordings[0].data;
  char pattern[VR_SIGNAL_PATTERN_SIZE], missing[VR_SIGNAL_PATTERN_SIZE] = "";
  size_t there = 0;
  for (size_t i = 0; i < def->n_values; i++) {
    vr_definitions_pattern(def, i, pattern);
    const struct vr_source one = {.signals = {pattern}, .scale = 1};
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (vr_sources_input(&one, &in) == 0 &&
        vr_data_guest_input(d, &in, scratch) == 0)
      there++;
    else
      strcpy(missing, pattern);
  }
  if (there > 0 && there < def->n_values)
    vr_log_warning(
        "guest %s: %s is not taken as the host measures it: the archive "
        "has no series %s",
        d->guest, vr_counter_info(def->counter)->name, missing);
}

/* M, whose prediction is RUN, is what the host measures. */
static int take(const struct vr_features *f, size_t c,
                const struct vr_train_options *options,
                const struct vr_model_baseline *baseline, const double *run,
                const struct vr_model *m, struct vr_trained *ret) {
  ret->model = *m;
  ret->is_there = true;
  ret->reference_fit = NAN;
  vr_infer_span(f, c, &ret->model.fit);
  int r = copy_baseline(baseline, &ret->model.baseline);
  return r < 0 ? r
               : vr_trained_keep(ret, run, options->brief ? NULL : run, f->used,
                                 f->rows);
}

/* M, of which ERROR came, with the interval of what it gives, to *RET_MODEL. */
static int with_interval(int error, const struct vr_features *f, size_t c,
                         const double *run, struct vr_model *m,
                         struct vr_model *ret_model) {
  if (error < 0)
    return error;
  int r = vr_fit_interval_of_guest(f, c, run, m);
  if (r < 0)
    vr_model_clear(m);
  else
    *ret_model = *m;
  return r;
}

static int by_law(const struct vr_features *f, size_t c,
                  const struct vr_train_options *options, double *run,
                  struct vr_model *ret_model) {
  struct vr_model m;
  int r = vr_cpu_law_fit(f, c, options, run, &m);
  return with_interval(r, f, c, run, &m, ret_model);
}

/* What another plugin measures. */
static int by_others(const struct vr_features *f, size_t c,
                     const struct vr_model_baseline *baseline, double *run,
                     struct vr_model *ret_model) {
  struct vr_model m;
  int r = vr_fit_measured(f, c, baseline, run, &m);
  return with_interval(r, f, c, run, &m, ret_model);
}

int vr_fit_defined(const struct vr_features *f, size_t c,
                   const struct vr_train_options *options,
                   const struct vr_model_baseline *baseline, double *run,
                   struct vr_trained *ret) {
  const struct vr_direct *lacking = NULL, *def;
  struct vr_model law;
  int found = by_law(f, c, options, run, &law);
  if (found == 0)
    return take(f, c, options, baseline, run, &law, ret);
  if (found != -ENOENT)
    return found;
  for (size_t i = 0; (def = vr_definitions_of(f->counters[c], i)); i++) {
    if (!vr_definitions_serve(def->accelerator,
                              f->recordings[0].data->accelerator))
      continue;
    struct vr_model m;
    int r = validate_definition(f, c, def, run, &m);
    if (r == -ENOENT) {
      lacking = def;
      continue;
    }
    if (r < 0)
      return r;
    return take(f, c, options, baseline, run, &m, ret);
  }
  found = by_others(f, c, baseline, run, &law);
  if (found == 0)
    return take(f, c, options, baseline, run, &law, ret);
  if (lacking && found == -ENOENT && !options->silent &&
      !f->recordings[0].data->idle_hidden)
    warn_of_missing(f, lacking, run);
  return found == -ENOENT ? 0 : found;
}
