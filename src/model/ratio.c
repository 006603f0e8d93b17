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

/* Ticks that are computed at a time. */
enum { PART = 256 };

/* sum_by() at N ticks. */
static void sums_by(const struct vr_arx *arx, const double *u, size_t stride,
                    enum vr_ratio_weight w, size_t n, double *ret) {
  for (size_t t = 0; t < n; t++)
    ret[t] = 0;
  for (unsigned i = 0; i < arx->nu; i++) {
    double b = w < arx->inputs[i].nb ? arx->inputs[i].b[w] : 0;
    for (size_t t = 0; b != 0 && t < n; t++)
      ret[t] += b * u[i * stride + t];
  }
}

static void part_percents(const struct vr_arx *arx, const double *u,
                          size_t stride, size_t n, double *ret) {
  double numerator[PART], denominator[PART], taken[PART];
  sums_by(arx, u, stride, VR_RATIO_NUMERATOR, n, numerator);
  sums_by(arx, u, stride, VR_RATIO_DENOMINATOR, n, denominator);
  sums_by(arx, u, stride, VR_RATIO_TAKEN, n, taken);
  for (size_t t = 0; t < n; t++) {
    double of = 1 + denominator[t], left = of - taken[t];
    double counts = numerator[t] < left ? numerator[t] : left;
    ret[t] = of > 0 ? 100 * (counts > 0 ? counts : 0) / of : 100;
  }
  for (unsigned i = 0; i < arx->nu; i++)
    for (size_t t = 0; t < n; t++)
      if (isnan(u[i * stride + t]))
        ret[t] = NAN;
}

void vr_ratio_percents(const struct vr_arx *arx, const double *u, size_t stride,
                       size_t n, double *ret) {
  for (size_t t = 0; t < n; t += PART)
    part_percents(arx, u + t, stride, n - t < PART ? n - t : PART, ret + t);
}
