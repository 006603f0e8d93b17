/* SPDX-License-Identifier: MIT */
#include "model/interval.h"

#include <math.h>

static double widest(const struct vr_model_intervals *v) {
  double q = v->half_width[0];
  for (unsigned k = 1; k < v->n_regimes; k++)
    q = fmax(q, v->half_width[k]);
  return q;
}

/* The regime of level U. */
static unsigned regime_of(const struct vr_model_intervals *v, double u) {
  unsigned k = 0;
  while (k + 1 < v->n_regimes && u >= v->edges[k])
    k++;
  return k;
}

/* The half-width in the regime of level U, in the unit of the output before
 * its size. */
static double half_width(const struct vr_model_intervals *v, double u) {
  if (v->n_regimes == 1 || isnan(u))
    return widest(v);
  return v->half_width[regime_of(v, u)];
}

/* The level that shows the regime, NAN where there is none. */
static double regime_level(const struct vr_model_intervals *v, double sum,
                           const struct vr_guest_size *size) {
  return v->n_regimes > 1 ? vr_model_input_value(&v->regime, sum, size) : NAN;
}

struct vr_interval vr_model_interval(const struct vr_model *m, double value,
                                     double sum,
                                     const struct vr_guest_size *size) {
  struct vr_interval i = {NAN, NAN};
  const struct vr_model_intervals *v = &m->intervals;
  if (v->level == 0)
    return i;
  /* A width is a difference of outputs: size counts, offset does not. */
  const struct vr_model_output scale = {
      .per = m->output.per, .min = -INFINITY, .max = INFINITY};
  double q = vr_model_output_value(
      &scale, half_width(v, regime_level(v, sum, size)), size);
  if (!isfinite(q) || !isfinite(value))
    return i;
  /* Both bounds: what a model without a minimum says may lie below 0 with all
   * of its interval. */
  double floor = fmax(m->output.min, 0);
  i.lower = fmax(value - q, floor);
  i.upper = fmax(fmin(value + q, m->output.max), floor);
  return i;
}

/* From which regime on nothing was validated; n_regimes where the last one is
 * known. Gaps below it are no limit: there only the width is not known. */
static unsigned validated_up_to(const struct vr_model_intervals *v) {
  unsigned k = v->n_regimes;
  while (k > 0 && isinf(v->half_width[k - 1]))
    k--;
  return k > 0 ? k : v->n_regimes;
}

bool vr_model_is_unvalidated(const struct vr_model *m, double sum,
                             const struct vr_guest_size *size,
                             double *ret_level) {
  const struct vr_model_intervals *v = &m->intervals;
  if (v->level == 0)
    return false;
  double u = regime_level(v, sum, size);
  if (isnan(u) || regime_of(v, u) < validated_up_to(v))
    return false;
  *ret_level = u;
  return true;
}
