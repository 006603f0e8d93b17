/* SPDX-License-Identifier: MIT */
#include "model/ratio.h"

#include <math.h>

double vr_ratio_share(const struct vr_arx *arx, const double *u) {
  double all = 0;
  for (unsigned i = 0; i < arx->nu; i++)
    all += arx->inputs[i].b[0] * u[i];
  return all > 0 ? 100 * arx->inputs[0].b[0] * u[0] / all : NAN;
}

static double sum_by(const struct vr_arx *arx, const double *u,
                     enum vr_ratio_weight w) {
  double sum = 0;
  for (unsigned i = 0; i < arx->nu; i++)
    if (w < arx->inputs[i].nb)
      sum += arx->inputs[i].b[w] * u[i];
  return sum;
}

double vr_ratio_percent(const struct vr_arx *arx, const double *u) {
  double numerator = sum_by(arx, u, VR_RATIO_NUMERATOR);
  double denominator = 1 + sum_by(arx, u, VR_RATIO_DENOMINATOR);
  double left = denominator - sum_by(arx, u, VR_RATIO_TAKEN);
  if (!(denominator > 0))
    return NAN;
  return 100 * fmax(fmin(numerator, left), 0) / denominator;
}
