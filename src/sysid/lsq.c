/* SPDX-License-Identifier: MIT */
#include "sysid/lsq.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"
#include "sysid/linalg.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A step of refinement leaves an error of about condition^2 epsilon times the
 * one before; beyond this condition that is too little gain. */
static const double GRAM_CONDITION_MAX = 3e6;
/* Beyond this the parameters have no correct digit. */
static const double CONDITION_MAX = 1e14;
/* After a step this small relative to the parameters, the error left is far
 * below what rounding of the data makes. */
static const double STEP_SMALL = 1e-6;
/* rss after a step is computed, not measured: its error is a fraction of what
 * the step took. */
static const double GAIN_SMALL = 1e-11;
enum { REFINEMENTS_MAX = 6, POLISH_MAX = 10 };
/* Relative errors of the parameters and of the residuals' norm that take a
 * polish. */
static const double COARSE = 1e-9, COARSE_NORM = 1e-13;

struct work {
  const struct vr_lsq *q;
  unsigned p;
  double *l;     /* p x p: factor of the equilibrated matrix */
  double *scale; /* p: 1 / norm of the regressor */
  double *theta, *step, *gradient; /* p of each */
  struct vr_fit_info info;
};

static void work_clear(struct work *w) {
  free(w->l);
  free(w->scale);
  vr_estimate_info_clear(&w->info);
}

static int work_init(struct work *w, const struct vr_lsq *q) {
  unsigned p = q->p;
  *w = (struct work){.q = q, .p = p};
  w->l = malloc((size_t)p * p * sizeof(*w->l));
  w->scale = calloc(4 * (size_t)p, sizeof(*w->scale));
  w->info.se = calloc(p, sizeof(*w->info.se));
  if (!w->l || !w->scale || !w->info.se) {
    work_clear(w);
    return -ENOMEM;
  }
  w->theta = w->scale + p;
  w->step = w->theta + p;
  w->gradient = w->step + p;
  return 0;
}

static double gram(const struct vr_lsq *q, size_t i, size_t j) {
  return q->gram[i * (q->p + 1) + j];
}

static int equilibrate(struct work *w, struct vr_error *error) {
  const struct vr_lsq *q = w->q;
  char name[64];
  for (unsigned j = 0; j < w->p; j++) {
    double energy = gram(q, j + 1, j + 1);
    if (!(energy > 0))
      return vr_error_set(error, -EDOM, "%s is 0 in all rows",
                          q->name(q->context, j, name, sizeof(name)));
    w->scale[j] = 1 / sqrt(energy);
  }
  for (size_t i = 0; i < w->p; i++) {
    double *row = w->l + i * w->p;
    for (size_t j = 0; j < w->p; j++)
      row[j] = gram(q, i + 1, j + 1) * w->scale[i] * w->scale[j];
    row[i] += q->ridge;
  }
  return 0;
}

typedef int gradient_of(const void *context, const double *theta,
                        double *ret_rss, double *ret_gradient);

/* A step that may be taken. */
struct step {
  double ratio; /* its size relative to the parameters' */
  double gain;  /* the fraction of rss that it takes */
  double rss;   /* after it */
};

/* The step from theta to the least sum of squares, as far as the factor and
 * GRADIENT tell; theta stays where it is. */
static int propose(struct work *w, gradient_of *gradient, struct step *ret) {
  double rss, ridge = w->q->ridge, step = 0, size = 0, penalty = 0;
  int r = gradient(w->q->context, w->theta, &rss, w->gradient);
  if (r < 0)
    return r;
  for (unsigned j = 0; j < w->p; j++) {
    w->gradient[j] *= w->scale[j];
    w->step[j] = w->gradient[j] - ridge * w->theta[j] / w->scale[j];
  }
  vr_sysid_solve(w->p, w->l, w->step);
  for (unsigned j = 0; j < w->p; j++) {
    double theta = w->theta[j] / w->scale[j], d = w->step[j];
    step += d * d;
    size += (theta + d) * (theta + d);
    penalty += ridge * d * (theta + d);
  }
  /* |r - X d|^2 = |r|^2 - 2 d'g + d'X'X d, and X'X d = g - ridge (theta + d).
   */
  double product = vr_dot(w->p, w->step, w->gradient);
  ret->rss = fmax(0, rss - product - penalty);
  ret->ratio = size > 0 ? sqrt(step / size) : 0;
  ret->gain = rss > 0 ? product / rss : 0;
  return 0;
}

/* theta += sign * step. */
static void move(struct work *w, const double *step, double sign) {
  for (unsigned j = 0; j < w->p; j++)
    w->theta[j] += sign * step[j] * w->scale[j];
}

static void take(struct work *w, const struct step *s) {
  move(w, w->step, 1);
  w->info.rss = s->rss;
  w->info.refinements++;
}

/* Refinement with a GRADIENT finer than doubles, until a step is no more than
 * ENOUGH. What a step changes is what theta was wrong by, so steps are judged
 * by their size: near the minimum rss no longer tells one theta from another,
 * long before theta is right. */
static int polish(struct work *w, gradient_of *gradient, double enough) {
  struct step s, last = {.ratio = INFINITY, .gain = INFINITY};
  vr_auto_free double *taken = calloc(w->p, sizeof(*taken));
  if (!taken)
    return -ENOMEM;
  for (int k = 0; k < POLISH_MAX && last.ratio > enough; k++) {
    int r = propose(w, gradient, &s);
    if (r < 0)
      return r;
    if (!(s.ratio < last.ratio)) { /* the last step led away, or nowhere */
      move(w, taken, -1);
      /* The least rss that theta could have, had it more digits. */
      if (fabs(s.gain) < fabs(last.gain))
        w->info.rss = s.rss;
      return 0;
    }
    take(w, &s);
    memcpy(taken, w->step, w->p * sizeof(*taken));
    last = s;
  }
  return 0;
}

/* The gradient that a solution by the Gram is to be polished with, or NULL. In
 * double precision rounding of the products reaches the parameters by the
 * square of the condition, where residuals are large; rounding of the residuals
 * reaches their norm, where they are small beside what cancels in them. */
static gradient_of *finer(const struct work *w) {
  double size = 0, norm = sqrt(w->info.rss), condition = w->info.condition;
  for (unsigned j = 0; j < w->p; j++)
    size += pow(w->theta[j] / w->scale[j], 2);
  size = sqrt(size);
  if (DBL_EPSILON * size > COARSE_NORM * norm * sqrt((double)w->q->rows))
    return w->q->gradient_extended;
  if (DBL_EPSILON * condition * condition * norm > COARSE * size)
    return w->q->gradient_fine;
  return NULL;
}

/* The way over the Gram. 1 when it is too ill-conditioned for it. */
static int solve_by_gram(struct work *w) {
  if (vr_sysid_cholesky(w->p, w->l, w->p * DBL_EPSILON) != 0)
    return 1;
  w->info.condition = vr_sysid_condition(w->p, w->l, w->step);
  if (!(w->info.condition < GRAM_CONDITION_MAX))
    return 1;
  for (unsigned j = 0; j < w->p; j++)
    w->theta[j] = gram(w->q, j + 1, 0) * w->scale[j];
  vr_sysid_solve(w->p, w->l, w->theta);
  for (unsigned j = 0; j < w->p; j++)
    w->theta[j] *= w->scale[j];

  struct step s = {.ratio = 1};
  double before;
  do {
    before = s.ratio;
    int r = propose(w, w->q->gradient, &s);
    if (r < 0)
      return r;
    take(w, &s);
  } while (s.ratio < 0.1 * before &&
           (s.ratio > STEP_SMALL || s.gain > GAIN_SMALL) &&
           w->info.refinements < REFINEMENTS_MAX);
  if (!(s.ratio <= STEP_SMALL))
    return 1;
  gradient_of *gradient = finer(w);
  if (!gradient)
    return 0;
  /* Rounding of plain residuals leaves that much. */
  return polish(w, gradient,
                DBL_EPSILON *
                    (gradient == w->q->gradient_fine ? w->info.condition : 1));
}

static int collinear(const struct work *w, unsigned j, struct vr_error *error) {
  char name[64];
  return vr_error_set(
      error, -ENOTUNIQ,
      "collinear: %s follows from the other regressors (condition %.1e)",
      w->q->name(w->q->context, j, name, sizeof(name)), w->info.condition);
}

/* Where the smallest diagonal element of the factor stands. */
static unsigned weakest(const struct work *w) {
  unsigned at = 0;
  for (unsigned j = 1; j < w->p; j++)
    if (fabs(w->l[(size_t)j * w->p + j]) < fabs(w->l[(size_t)at * w->p + at]))
      at = j;
  return at;
}

static int solve_by_tsqr(struct work *w, struct vr_error *error) {
  unsigned p = w->p;
  vr_auto_free double *l = malloc((p + 1) * ((size_t)p + 1) * sizeof(*l));
  if (!l)
    return -ENOMEM;
  int r = w->q->tsqr(w->q->context, w->scale, w->q->ridge, l);
  if (r < 0)
    return r;
  for (size_t i = 0; i < p; i++)
    memcpy(w->l + i * p, l + i * (p + 1), p * sizeof(*l));
  w->info.method = VR_FIT_TSQR;
  w->info.refinements = 0;
  w->info.condition = INFINITY;
  unsigned j = weakest(w);
  if (!(fabs(w->l[(size_t)j * p + j]) > p * DBL_EPSILON))
    return collinear(w, j, error);
  w->info.condition = vr_sysid_condition(p, w->l, w->step);
  if (!(w->info.condition < CONDITION_MAX))
    return collinear(w, j, error);
  const double *last = l + (size_t)p * (p + 1);
  memcpy(w->theta, last, p * sizeof(*last));
  vr_sysid_backward(p, w->l, w->theta);
  double penalty = w->q->ridge * vr_dot(p, w->theta, w->theta);
  w->info.rss = fmax(0, last[p] * last[p] - penalty);
  for (j = 0; j < p; j++)
    w->theta[j] *= w->scale[j];
  return w->q->gradient_extended
             ? polish(w, w->q->gradient_extended, DBL_EPSILON)
             : 0;
}

static int solve(struct work *w, struct vr_error *error) {
  int r = equilibrate(w, error);
  if (r < 0)
    return r;
  r = w->q->force_tsqr ? 1 : solve_by_gram(w);
  if (r <= 0)
    return r;
  r = solve_by_tsqr(w, error);
  if (r == 0)
    snprintf(w->info.note, sizeof(w->info.note),
             w->q->force_tsqr
                 ? "fitted by QR of the rows as asked (condition %.1e)"
                 : "ill-conditioned (condition %.1e): fitted by QR of the rows "
                   "instead of their covariances",
             w->info.condition);
  return r;
}

/* Criteria and standard errors, once rss and the factor are known. */
static void finish(struct work *w) {
  struct vr_fit_info *info = &w->info;
  double n = (double)w->q->rows, p = w->p, rss = fmax(info->rss, DBL_MIN);
  info->rows = w->q->rows;
  info->n_parameters = w->p;
  info->noise_variance = info->rss / (n - p);
  info->aic = n * log(rss / n) + 2 * p;
  info->bic = n * log(rss / n) + p * log(n);
  info->fpe = info->rss / n * (n + p) / (n - p);
  vr_sysid_inverse_diagonal(w->p, w->l, info->se, w->step);
  for (unsigned j = 0; j < w->p; j++)
    info->se[j] = sqrt(info->se[j] * info->noise_variance) * w->scale[j];
}

static void hand_over(struct work *w, double *ret_theta,
                      struct vr_fit_info *ret_info) {
  memcpy(ret_theta, w->theta, w->p * sizeof(*ret_theta));
  *ret_info = w->info;
  w->info.se = NULL;
}

int vr_lsq_solve(const struct vr_lsq *q, double *ret_theta,
                 struct vr_fit_info *ret_info, struct vr_error *error) {
  struct work w;
  int r = work_init(&w, q);
  if (r == 0) {
    r = solve(&w, error);
    if (r == 0) {
      finish(&w);
      hand_over(&w, ret_theta, ret_info);
    }
    work_clear(&w);
  }
  return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
}
