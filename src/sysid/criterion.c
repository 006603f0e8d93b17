/* SPDX-License-Identifier: MIT */
#include "sysid/criterion.h"

#include <math.h>

void vr_criterion_all(double rss, unsigned parameters, size_t rows,
                      double ret[VR_CRITERIA]) {
  double n = (double)rows, p = parameters, fit = n * log(rss / n);
  ret[VR_AIC] = fit + 2 * p;
  ret[VR_BIC] = fit + p * log(n);
  ret[VR_FPE] = rss / n * (n + p) / (n - p);
}
