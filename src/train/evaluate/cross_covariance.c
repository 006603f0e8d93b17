/* SPDX-License-Identifier: MIT */
#include "train/evaluate/cross_covariance.h"

#include <math.h>

struct moments {
  double mean, sd;
};

/* Of X where both X and Z are known; *ret_known rows are. */
static struct moments moments_of(size_t n, const double *x, const double *z,
                                 size_t *ret_known) {
  double sum = 0, squares = 0;
  size_t known = 0;
  for (size_t t = 0; t < n; t++)
    if (isfinite(x[t]) && isfinite(z[t]))
      sum += x[t], known++;
  double mean = known > 0 ? sum / (double)known : NAN;
  for (size_t t = 0; t < n; t++)
    if (isfinite(x[t]) && isfinite(z[t]))
      squares += (x[t] - mean) * (x[t] - mean);
  *ret_known = known;
  return (struct moments){mean,
                          known > 0 ? sqrt(squares / (double)known) : NAN};
}

/* Sum of the products at lag K. */
static double products(size_t n, const double *u, double mean_u,
                       const double *y, double mean_y, long k) {
  double sum = 0;
  for (size_t t = k < 0 ? (size_t)-k : 0; t < n && (long)t + k < (long)n; t++) {
    double product = (u[t] - mean_u) * (y[(long)t + k] - mean_y);
    sum += isfinite(product) ? product : 0;
  }
  return sum;
}

void vr_cross_covariance(size_t n, const double *u, const double *y,
                         unsigned max_lag, double *ret, double *ret_scale) {
  size_t known;
  struct moments of_u = moments_of(n, u, y, &known);
  struct moments of_y = moments_of(n, y, u, &known);
  double scale = of_u.sd * of_y.sd;
  *ret_scale = scale > 0 ? scale : NAN;
  for (long k = -(long)max_lag; k <= (long)max_lag; k++)
    ret[k + (long)max_lag] =
        scale > 0 ? products(n, u, of_u.mean, y, of_y.mean, k) / (double)known
                  : NAN;
}
