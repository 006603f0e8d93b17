/* SPDX-License-Identifier: MIT */
#include "model/fit.h"

#include <math.h>
#include <stdbool.h>

static bool counts(const double *y, const double *yhat,
                   const unsigned char *used, size_t i) {
  return (!used || used[i]) && isfinite(y[i]) && isfinite(yhat[i]);
}

void vr_model_fit_add(struct vr_model_fit_sums *s, const double *y,
                      const double *yhat, const unsigned char *used,
                      size_t rows) {
  double n = 0, sum = 0;
  for (size_t i = 0; i < rows; i++)
    if (counts(y, yhat, used, i)) {
      n++;
      sum += y[i];
      s->error += (y[i] - yhat[i]) * (y[i] - yhat[i]);
    }
  for (size_t i = 0; i < rows; i++)
    if (counts(y, yhat, used, i))
      s->spread += (y[i] - sum / n) * (y[i] - sum / n);
}

double vr_model_fit_percent(double error, double spread) {
  if (isinf(error))
    return -INFINITY;
  return spread > 0 ? 100 * (1 - sqrt(error / spread)) : NAN;
}

double vr_model_fit_of(const double *y, const double *yhat,
                       const unsigned char *used, size_t rows) {
  struct vr_model_fit_sums s = {0};
  vr_model_fit_add(&s, y, yhat, used, rows);
  return vr_model_fit_percent(s.error, s.spread);
}
