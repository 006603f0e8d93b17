/* SPDX-License-Identifier: MIT */
#include "train/fit/choose_inputs.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
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
/* Relative to each regressor's own variance. */
#define RIDGE 1e-3
/* Loads last for minutes: so many seconds of data tell of one more input. */
#define SECONDS_PER_INPUT 120.0

/* Inputs, and the unknown starts of recordings. */
enum { MAX_STARTS = 16, MAX_COLUMNS = VR_MAX_TERMS + MAX_STARTS };

/* One counter's regressions. */
struct problem {
  const struct vr_features *f;
  size_t c; /* index of the counter */
  size_t y; /* its column */
};

static struct problem problem_of(const struct vr_features *f, size_t c) {
  return (struct problem){.f = f, .c = c, .y = vr_feature_output(f, c)};
}

static double inner(const struct problem *p, unsigned pole, unsigned folds,
                    size_t i, size_t j) {
  return vr_feature_inner(p->f, p->c, pole, folds, i, j);
}

struct columns {
  size_t n;
  size_t index[MAX_COLUMNS];
};

static void columns_of(const struct vr_choice *choice, struct columns *ret) {
  ret->n = 0;
  for (unsigned i = 0; i < choice->n_inputs; i++)
    for (unsigned k = 0; k < choice->inputs[i].nb; k++)
      ret->index[ret->n++] =
          vr_feature_input(choice->inputs[i].source, choice->inputs[i].nk + k);
}

/* COLUMNS and the starts that FOLDS still show. */
static void add_starts(const struct problem *p, unsigned pole, unsigned folds,
                       struct columns *c) {
  if (!vr_features_has_start(p->f, pole))
    return;
  for (size_t r = 0; r < p->f->n_recordings && r < MAX_STARTS; r++) {
    size_t start = vr_feature_start(p->f, r);
    if (inner(p, pole, folds, start, start) > 1e-2)
      c->index[c->n++] = start;
  }
}

/* The centred, equilibrated normal equations of column Y on the columns C:
 * matrix A (n x n), right-hand side B, and what it takes to undo it. False when
 * a column is constant. */
struct normal_equations {
  double a[MAX_COLUMNS * MAX_COLUMNS], b[MAX_COLUMNS];
  double mean[MAX_COLUMNS], sd[MAX_COLUMNS], y_mean;
};

static bool form_equations(const struct problem *p, unsigned pole,
                           unsigned folds, const struct columns *c,
                           struct normal_equations *e) {
  double rows = inner(p, pole, folds, 0, 0);
  if (!(rows > 2.0 * (double)c->n + 2))
    return false;
  e->y_mean = inner(p, pole, folds, 0, p->y) / rows;
  for (size_t i = 0; i < c->n; i++) {
    double energy = inner(p, pole, folds, c->index[i], c->index[i]);
    e->mean[i] = inner(p, pole, folds, 0, c->index[i]) / rows;
    double spread = energy - rows * e->mean[i] * e->mean[i];
    if (!(spread > 1e-10 * energy))
      return false;
    e->sd[i] = sqrt(spread);
    e->b[i] = (inner(p, pole, folds, c->index[i], p->y) -
               rows * e->mean[i] * e->y_mean) /
              e->sd[i];
    e->a[i * c->n + i] = 1 + RIDGE;
    for (size_t j = 0; j < i; j++)
      e->a[i * c->n + j] = e->a[j * c->n + i] =
          (inner(p, pole, folds, c->index[i], c->index[j]) -
           rows * e->mean[i] * e->mean[j]) /
          (e->sd[i] * e->sd[j]);
  }
  return true;
}

/* Ridge regression on INPUTS, a constant and the starts, over FOLDS. */
static bool regress(const struct problem *p, unsigned pole, unsigned folds,
                    const struct columns *inputs, struct vr_coefficients *ret) {
  struct columns c = *inputs;
  struct normal_equations e;
  add_starts(p, pole, folds, &c);
  if (!form_equations(p, pole, folds, &c, &e))
    return false;
  if (c.n > 0) {
    gsl_matrix_view a = gsl_matrix_view_array(e.a, c.n, c.n);
    gsl_vector_view b = gsl_vector_view_array(e.b, c.n);
    if (gsl_linalg_cholesky_decomp1(&a.matrix) != GSL_SUCCESS ||
        gsl_linalg_cholesky_svx(&a.matrix, &b.vector) != GSL_SUCCESS)
      return false;
  }
  ret->constant = e.y_mean;
  for (size_t i = 0; i < c.n; i++) {
    e.b[i] /= e.sd[i];
    ret->constant -= e.b[i] * e.mean[i];
  }
  memcpy(ret->theta, e.b, inputs->n * sizeof(*e.b));
  return true;
}

/* Squared error of the coefficients over FOLDS. */
static double squared_error(const struct problem *p, unsigned pole,
                            unsigned folds, const struct columns *c,
                            const struct vr_coefficients *b) {
  double sum = inner(p, pole, folds, p->y, p->y);
  sum += b->constant * (b->constant * inner(p, pole, folds, 0, 0) -
                        2 * inner(p, pole, folds, 0, p->y));
  for (size_t i = 0; i < c->n; i++) {
    double x = b->constant * inner(p, pole, folds, 0, c->index[i]) -
               inner(p, pole, folds, c->index[i], p->y);
    sum += 2 * b->theta[i] * x;
    for (size_t j = 0; j < c->n; j++)
      sum += b->theta[i] * b->theta[j] *
             inner(p, pole, folds, c->index[i], c->index[j]);
  }
  return fmax(sum, 0);
}

/* More running, more load: a coefficient below 0 is nonsense there. */
static bool allowed(const struct problem *p, const struct columns *columns,
                    const struct vr_coefficients *b) {
  if (p->f->counters[p->c] != VR_LOAD)
    return true;
  for (size_t i = 0; i < columns->n; i++)
    if (b->theta[i] < 0)
      return false;
  return true;
}

/* Fit on each fold of FOLDS, estimated on the others, all together; ERROR (may
 * be NULL) gets the squared error fold by fold. -INFINITY if the choice cannot
 * be estimated. */
static double cross_validate(const struct problem *p,
                             const struct vr_choice *choice, unsigned folds,
                             double *ret_error) {
  struct columns columns;
  struct vr_coefficients b;
  double error = 0;
  columns_of(choice, &columns);
  for (unsigned k = 0; k < p->f->n_folds; k++) {
    unsigned held = 1u << k;
    ret_error[k] = 0;
    if (!(folds & held) || inner(p, choice->pole, held, 0, 0) == 0)
      continue;
    if (!regress(p, choice->pole, folds & ~held, &columns, &b) ||
        !allowed(p, &columns, &b))
      return -INFINITY;
    ret_error[k] = squared_error(p, choice->pole, held, &columns, &b);
    error += ret_error[k];
  }
  double rows = inner(p, choice->pole, folds, 0, 0);
  double sum = inner(p, choice->pole, folds, 0, p->y);
  double spread = inner(p, choice->pole, folds, p->y, p->y) - sum * sum / rows;
  return spread > 0 ? 100 * (1 - sqrt(error / spread)) : -INFINITY;
}

static bool has_input(const struct vr_choice *choice, size_t s) {
  for (unsigned i = 0; i < choice->n_inputs; i++)
    if (choice->inputs[i].source == s)
      return true;
  return false;
}

static double gain_needed(const struct problem *p, size_t s) {
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
static bool add_input(const struct problem *p, unsigned folds,
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
static void shape_input(const struct problem *p, unsigned folds,
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

static unsigned max_inputs(const struct problem *p, unsigned folds) {
  double seconds = inner(p, 0, folds, 0, 0) * p->f->step;
  double n = fmin(fmax(seconds / SECONDS_PER_INPUT, 1), VR_MAX_INPUTS);
  return (unsigned)n;
}

void vr_fit_select(const struct vr_features *f, size_t c, unsigned folds,
                   struct vr_choice *ret_choice) {
  const struct problem p = problem_of(f, c);
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

int vr_fit_select_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice, unsigned folds,
                           struct vr_coefficients *ret) {
  const struct problem p = problem_of(f, c);
  struct columns columns;
  struct vr_coefficients b;
  columns_of(choice, &columns);
  if (!regress(&p, choice->pole, folds, &columns, &b) ||
      !allowed(&p, &columns, &b))
    return -EDOM;
  *ret = b;
  return 0;
}

/* May source S be the static-gain baseline of counter C? */
static bool is_trivial(const struct vr_source *source, enum vr_counter c,
                       unsigned origins, enum vr_accelerator accelerator) {
  if (!(source->origin & origins) || source->signals[1])
    return false;
  /* Run time alone is not what a guest without a steal clock calls busy. */
  if (c == VR_CPU && accelerator == VR_ACCEL_TCG)
    return true;
  return !vr_counter_in(source->measures, c);
}

int vr_fit_select_static_gain(const struct vr_features *f, size_t c,
                              unsigned origins, unsigned folds,
                              enum vr_accelerator accelerator,
                              struct vr_choice *ret_choice,
                              struct vr_coefficients *ret) {
  const struct problem p = problem_of(f, c);
  double least = INFINITY;
  for (size_t s = 0; s < f->n_sources; s++) {
    if (!is_trivial(&vr_sources[f->sources[s].index], f->counters[c], origins,
                    accelerator))
      continue;
    struct vr_choice t = {.pole = f->static_pole, .n_inputs = 1};
    t.inputs[0].source = s;
    t.inputs[0].nb = 1;
    struct columns columns;
    struct vr_coefficients b;
    columns_of(&t, &columns);
    if (!regress(&p, t.pole, folds, &columns, &b))
      continue;
    double e = squared_error(&p, t.pole, folds, &columns, &b);
    if (e < least) {
      least = e;
      *ret_choice = t;
      *ret = b;
    }
  }
  return isfinite(least) ? 0 : -ENOENT;
}

void vr_fit_select_source_range(const struct vr_features *f, size_t s,
                                unsigned folds, double *ret_mean,
                                double *ret_min, double *ret_max) {
  double sum = 0, n = 0, min = INFINITY, max = -INFINITY;
  for (size_t i = 0; i < f->rows; i++)
    if (f->used[i] && folds >> f->fold[i] & 1) {
      double u = f->sources[s].u[i];
      sum += u;
      n++;
      min = fmin(min, u);
      max = fmax(max, u);
    }
  *ret_mean = n > 0 ? sum / n : 0;
  *ret_min = min;
  *ret_max = max;
}

double vr_fit_select_rows(const struct vr_features *f, size_t c,
                          unsigned folds) {
  return vr_feature_inner(f, c, 0, folds, 0, 0);
}

double vr_fit_select_mean(const struct vr_features *f, size_t c,
                          unsigned folds) {
  return vr_feature_inner(f, c, 0, folds, 0, vr_feature_output(f, c)) /
         vr_fit_select_rows(f, c, folds);
}
