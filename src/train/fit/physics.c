/* SPDX-License-Identifier: MIT */
#include "train/fit/physics.h"

#include "model/fit.h"
#include "train/fit/folds.h"
#include "train/fit/infer.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>

/* Points of fit that the constant must bring. */
#define GAIN_OF_CONSTANT 1.0

/* How the start of the filter and the constant depend on each other is settled
 * after so many rounds. */
enum { ROUNDS = 3 };

/* The mean error of RUN over the rows of FOLDS; 0 where there are none. */
static double mean_error(const struct vr_features *f, const double *y,
                         const double *run, unsigned folds) {
  double sum = 0, n = 0;
  for (size_t i = 0; i < f->rows; i++) {
    double e = y[i] - run[i];
    if (!f->used[i] || !(folds >> f->fold[i] & 1) || !isfinite(e))
      continue;
    sum += e;
    n++;
  }
  return n > 0 ? sum / n : 0;
}

/* Sets the constant of M, whose own is BASE, by FOLDS, and runs it. */
static int add_constant(const struct vr_features *f, unsigned folds,
                        double base, struct vr_model *m, double *run) {
  const struct vr_guest_data *d = f->recordings[0].data;
  double per = m->output.per == VR_PER_VCPU ? d->vcpus : 1;
  int r = 0;
  m->output.offset = base;
  for (int i = 0; r == 0 && i < ROUNDS; i++) {
    r = vr_fit_run_model_started(d, m, f->skipped, run);
    if (r == 0)
      m->output.offset += mean_error(f, d->y[m->counter], run, folds) / per;
  }
  return r < 0 ? r : vr_fit_run_model_started(d, m, f->skipped, run);
}

/* The fit of M with a constant, on blocks that it was not learned from; what it
 * predicts goes to PREDICTED. What is left in M is that of all blocks. */
static int try_constant(const struct vr_features *f, size_t c,
                        struct vr_model *m, double *run, double *predicted,
                        double *ret_fit) {
  const double *y = f->recordings[0].data->y[m->counter];
  double base = m->output.offset;
  for (size_t i = 0; i < f->rows; i++)
    predicted[i] = NAN;
  for (unsigned k = 0; k < f->n_folds; k++) {
    int r = add_constant(f, vr_folds_without(f, c, k), base, m, run);
    if (r < 0)
      return r;
    vr_folds_take(f, k, run, predicted);
  }
  *ret_fit = vr_model_fit_of(y, predicted, f->used, f->rows);
  return add_constant(f, vr_feature_folds(f), base, m, run);
}

int vr_physics_best(const struct vr_features *f, size_t c, double *run,
                    double *predicted, struct vr_model *ret_model,
                    const char **ret_what) {
  const struct vr_guest_data *d = f->recordings[0].data;
  struct vr_model m;
  double constant_fit;
  int r = vr_infer_physics(f, c, &m);
  if (r < 0)
    return r;
  double base = m.output.offset;
  r = vr_fit_run_model_started(d, &m, f->skipped, run);
  double fit =
      r == 0 ? vr_model_fit_of(d->y[m.counter], run, f->used, f->rows) : NAN;
  if (r == 0)
    r = try_constant(f, c, &m, run, predicted, &constant_fit);
  if (r == 0 && constant_fit > fit + GAIN_OF_CONSTANT) {
    fit = constant_fit;
    *ret_what = "the kernel's load filter over busy vCPUs, and a constant";
  } else if (r == 0) {
    m.output.offset = base;
    r = vr_fit_run_model_started(d, &m, f->skipped, predicted);
    *ret_what = "the kernel's load filter over busy vCPUs, nothing estimated";
  }
  if (r < 0) {
    vr_model_clear(&m);
    return r;
  }
  m.fit.free_run = fit;
  *ret_model = m;
  return 0;
}
