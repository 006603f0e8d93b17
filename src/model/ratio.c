/* SPDX-License-Identifier: MIT */
#include "model/ratio.h"

#include <math.h>

double vr_ratio_share(const struct vr_arx *arx, const double *u) {
  double all = 0;
  for (unsigned i = 0; i < arx->nu; i++)
    all += arx->inputs[i].b[0] * u[i];
  return all > 0 ? 100 * arx->inputs[0].b[0] * u[0] / all : NAN;
}

/* *ret_n: how many inputs that are numbers have such a weight. */
static double sum_by(const struct vr_arx *arx, const double *u,
                     enum vr_ratio_weight w, unsigned *ret_n) {
  double sum = 0;
  *ret_n = 0;
  for (unsigned i = 0; i < arx->nu; i++) {
    double b = w < arx->inputs[i].nb ? arx->inputs[i].b[w] : 0;
    if (b == 0 || isnan(u[i]))
      continue;
    sum += b * u[i];
    (*ret_n)++;
  }
  return sum;
}

double vr_ratio_percent(const struct vr_arx *arx, const double *u) {
  unsigned counted, n;
  double numerator = sum_by(arx, u, VR_RATIO_NUMERATOR, &counted);
  double denominator = 1 + sum_by(arx, u, VR_RATIO_DENOMINATOR, &n);
  double left = denominator - sum_by(arx, u, VR_RATIO_TAKEN, &n);
  if (!(denominator > 0) || counted == 0)
    return NAN;
  return 100 * fmax(fmin(numerator, left), 0) / denominator;
}
