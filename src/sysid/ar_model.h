/* SPDX-License-Identifier: MIT
 *
 * Autoregressive models of one series.
 */
#ifndef VR_SYSID_AR_MODEL_H
#define VR_SYSID_AR_MODEL_H

#include "sysid/dataset.h"

struct vr_ar {
  unsigned order;
  double *a;       /* order + 1, a[0] = 1: x(t) + a_1 x(t-1) + ... = e(t) */
  double variance; /* of e */
  double mean;     /* of x, subtracted before */
  double aic;
};
void vr_timeseries_ar_clear(struct vr_ar *ar);

/* Autoregressive model by Levinson-Durbin on the autocovariance, order of least
 * AIC in 0 .. MAX_ORDER. */
int vr_timeseries_ar(size_t n, const double *x, unsigned max_order,
                     struct vr_ar *ret, struct vr_error *error);

/* Levinson-Durbin on autocovariances C at lags 0 .. MAX_ORDER of SAMPLES
 * values, order by AIC; the mean is left 0. -ENOMEM. */
int vr_timeseries_ar_of_covariance(const double *c, unsigned max_order,
                                   size_t samples, struct vr_ar *ret);

#endif
