/* SPDX-License-Identifier: MIT */
#include "train/fit/choose_inputs.h"

#include "model/fit.h"
#include "train/fit/regression.h"

#include <math.h>
#include <string.h>

/* Points of fit that a further input must bring: one with a physical reason,
 * and one without, which may follow by chance and drift away later. */
#define GAIN_WITH_REASON 1.0
#define GAIN_WITHOUT_REASON 5.0
/* What another coefficient of an input must bring, and what another pole must
 * bring over the kernel's own filter of the load. */
#define GAIN_OF_COEFFICIENT 0.5
#define GAIN_OVER_PHYSICS 5.0
/* Loads last for minutes: so many seconds of data allow one more input. */
#define SECONDS_PER_INPUT 120.0
/* And so many rows, however long they are. */
#define ROWS_PER_INPUT 20.0

/* Fit on each fold of FOLDS, estimated on the others, all together; ERROR (may
 * be NULL) gets the squared error fold by fold. -INFINITY if the choice cannot
 * be estimated. */
static double cross_validate(const struct vr_regression *p,
                             const struct vr_choice *choice, unsigned folds,
                             double *ret_error) {
  struct vr_regression_columns columns;
  struct vr_coefficients b;
  double error = 0;
  vr_regression_columns(choice, &columns);
  for (unsigned k = 0; k < p->f->n_folds; k++) {
    unsigned held = 1u << k;
    ret_error[k] = 0;
    if (!(folds & held) ||
        vr_regression_inner(p, choice->pole, held, 0, 0) == 0)
      continue;
    if (!vr_regression_solve(p, choice->pole, folds & ~held, &columns, &b) ||
        !vr_regression_allows(p, &columns, &b))
      return -INFINITY;
    ret_error[k] = vr_regression_error(p, choice->pole, held, &columns, &b);
    error += ret_error[k];
  }
  double rows = vr_regression_inner(p, choice->pole, folds, 0, 0);
  double sum = vr_regression_inner(p, choice->pole, folds, 0, p->y);
  double spread = vr_regression_inner(p, choice->pole, folds, p->y, p->y) -
                  sum * sum / rows;
  double fit = vr_model_fit_percent(error, spread);
  return isnan(fit) ? -INFINITY : fit;
}

static bool has_input(const struct vr_choice *choice, size_t s) {
  for (unsigned i = 0; i < choice->n_inputs; i++)
    if (choice->inputs[i].source == s)
      return true;
  return false;
}

static double gain_needed(const struct vr_regression *p, size_t s) {
  const struct vr_source *source = &vr_sources[p->f->sources[s].index];
  return vr_counter_in(source->explains, p->f->counters[p->c])
             ? GAIN_WITH_REASON
             : GAIN_WITHOUT_REASON;
}

/* Did the error fall in more folds than it rose? An input that helps in one
 * block of time and harms in the others has no reason to help tomorrow. */
static bool mostly_better(const struct vr_features *f, const double *before,
                          const double *after) {
  int better = 0;
  for (unsigned k = 0; k < f->n_folds; k++)
    better += (after[k] < before[k]) - (after[k] > before[k]);
  return better > 0;
}

/* Adds the source that helps most, beyond what is asked of it; the first input
 * is the best one even if it helps nothing: a model has one. */
static bool add_input(const struct vr_regression *p, unsigned folds,
                      struct vr_choice *choice, double *error) {
  struct vr_choice best = *choice;
  bool first = choice->n_inputs == 0;
  double best_surplus = first ? -INFINITY : 0, e[VR_FOLDS],
         best_error[VR_FOLDS] = {0};
  for (size_t s = 0; s < p->f->n_sources; s++) {
    if (has_input(choice, s))
      continue;
    struct vr_choice t = *choice;
    t.inputs[t.n_inputs].source = s;
    t.inputs[t.n_inputs].nk = 0;
    t.inputs[t.n_inputs].nb = 1;
    t.n_inputs++;
    t.cv_fit = cross_validate(p, &t, folds, e);
    double surplus = t.cv_fit - choice->cv_fit - gain_needed(p, s);
    if (surplus > best_surplus && (first || mostly_better(p->f, error, e))) {
      best = t;
      best_surplus = surplus;
      memcpy(best_error, e, sizeof(e));
    }
  }
  if (best.n_inputs == choice->n_inputs)
    return false;
  *choice = best;
  memcpy(error, best_error, sizeof(best_error));
  return true;
}

/* Tries other delays and lengths for the input added last. */
static void shape_input(const struct vr_regression *p, unsigned folds,
                        struct vr_choice *choice, double *error) {
  static const struct {
    unsigned nk, nb;
  } shapes[] = {{1, 1}, {0, 2}, {1, 2}, {0, 3}};
  unsigned last = choice->n_inputs - 1;
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
    struct vr_choice t = *choice;
    double e[VR_FOLDS];
    t.inputs[last].nk = shapes[i].nk;
    t.inputs[last].nb = shapes[i].nb;
    t.cv_fit = cross_validate(p, &t, folds, e);
    double more = GAIN_OF_COEFFICIENT *
                  fmax(0.2, (double)shapes[i].nb - choice->inputs[last].nb);
    if (t.cv_fit > choice->cv_fit + more) {
      *choice = t;
      memcpy(error, e, sizeof(e));
    }
  }
}

static unsigned max_inputs(const struct vr_regression *p, unsigned folds) {
  double rows = vr_regression_inner(p, 0, folds, 0, 0);
  double n = fmin(rows * p->f->step / SECONDS_PER_INPUT, rows / ROWS_PER_INPUT);
  n = fmin(fmax(n, 1), VR_MAX_INPUTS);
  return (unsigned)n;
}

void vr_choose_inputs(const struct vr_features *f, size_t c, unsigned folds,
                      struct vr_choice *ret_choice) {
  const struct vr_regression p = vr_regression_of(f, c);
  struct vr_choice best = {0};
  unsigned most = max_inputs(&p, folds);
  double best_fit = -INFINITY;
  for (unsigned pole = 0; pole < f->n_poles; pole++) {
    double error[VR_FOLDS];
    struct vr_choice t = {.pole = pole};
    bool physics = f->counters[c] == VR_LOAD && pole == f->load_pole;
    t.cv_fit = cross_validate(&p, &t, folds, error);
    while (t.n_inputs < most && add_input(&p, folds, &t, error))
      if (!physics)
        shape_input(&p, folds, &t, error);
    double fit = t.cv_fit + (physics ? GAIN_OVER_PHYSICS : 0);
    if (t.n_inputs > 0 && (best.n_inputs == 0 || fit > best_fit)) {
      best = t;
      best_fit = fit;
    }
  }
  *ret_choice = best;
}
