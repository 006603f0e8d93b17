/* SPDX-License-Identifier: MIT */
#include "sysid/ar_model.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void vr_timeseries_ar_clear(struct vr_ar *ar) {
  free(ar->a);
  *ar = (struct vr_ar){0};
}

/* Order M + 1 from order M; *variance goes down. The reflection coefficient is
 * returned, at least 1 in magnitude when the covariances are not those of any
 * process (gaps). */
static double levinson_step(const double *c, unsigned m, double *a,
                            double *scratch, double *variance) {
  double sum = c[m + 1];
  for (unsigned k = 1; k <= m; k++)
    sum += a[k] * c[m + 1 - k];
  double reflection = -sum / *variance;
  memcpy(scratch, a, (m + 1) * sizeof(*a));
  for (unsigned k = 1; k <= m; k++)
    a[k] = scratch[k] + reflection * scratch[m + 1 - k];
  a[m + 1] = reflection;
  *variance *= 1 - reflection * reflection;
  return reflection;
}

int vr_timeseries_ar_of_covariance(const double *c, unsigned max_order,
                                   size_t samples, struct vr_ar *ret) {
  vr_auto_free double *work =
      calloc(2 * ((size_t)max_order + 2), sizeof(*work));
  double *best = calloc(max_order + 2u, sizeof(*best));
  if (!work || !best) {
    free(best);
    return -ENOMEM;
  }
  double *a = work, variance = c[0], n = (double)samples;
  struct vr_ar ar = {.a = best, .variance = c[0], .aic = n * log(c[0])};
  a[0] = best[0] = 1;
  for (unsigned m = 0; m < max_order; m++) {
    double reflection = levinson_step(c, m, a, work + max_order + 2, &variance);
    if (!(fabs(reflection) < 1) || !(variance > 0))
      break;
    double aic = n * log(variance) + 2.0 * (m + 1);
    if (aic < ar.aic) {
      ar.aic = aic;
      ar.order = m + 1;
      ar.variance = variance;
      memcpy(best, a, (m + 2) * sizeof(*a));
    }
  }
  *ret = ar;
  return 0;
}

int vr_timeseries_ar(size_t n, const double *x, unsigned max_order,
                     struct vr_ar *ret, struct vr_error *error) {
  if (max_order > VR_ORDER_MAX)
    return vr_error_set(error, -EINVAL, "order %u is above %u", max_order,
                        VR_ORDER_MAX);
  double mean;
  size_t samples;
  vr_auto_free double *c = malloc((max_order + 1u) * sizeof(*c));
  if (!c)
    return vr_sysid_no_memory(error);
  int r =
      vr_timeseries_autocovariance(n, x, max_order, c, &mean, &samples, error);
  if (r < 0)
    return r;
  if (vr_timeseries_ar_of_covariance(c, max_order, samples, ret) < 0)
    return vr_sysid_no_memory(error);
  ret->mean = mean;
  return 0;
}
