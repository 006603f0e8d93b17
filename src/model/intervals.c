/* SPDX-License-Identifier: MIT */
#include "model/intervals.h"

#include <math.h>

/* The half-width in the regime that U tells, in the unit of the output before
 * its size. */
static double half_width(const struct vr_model_intervals *v, double u) {
  double widest = v->half_width[0];
  for (unsigned k = 1; k < v->n_regimes; k++)
    widest = fmax(widest, v->half_width[k]);
  if (v->n_regimes == 1 || isnan(u))
    return widest;
  unsigned k = 0;
  while (k + 1 < v->n_regimes && u >= v->edges[k])
    k++;
  return v->half_width[k];
}

struct vr_interval vr_model_interval(const struct vr_model *m, double value,
                                     double sum,
                                     const struct vr_guest_size *size) {
  struct vr_interval i = {NAN, NAN, false};
  const struct vr_model_intervals *v = &m->intervals;
  if (v->level == 0)
    return i;
  double u = v->n_regimes > 1 ? vr_model_input_value(&v->regime, sum, size) : 0;
  double q = half_width(v, u);
  i.unvalidated = !isnan(u) && isinf(q);
  /* A width is a difference of outputs: size counts, offset does not. */
  const struct vr_model_output scale = {
      .per = m->output.per, .min = -INFINITY, .max = INFINITY};
  q = vr_model_output_value(&scale, q, size);
  if (!isfinite(q) || !isfinite(value))
    return i;
  i.lower = fmax(fmax(value - q, m->output.min), 0);
  i.upper = fmin(value + q, m->output.max);
  return i;
}
