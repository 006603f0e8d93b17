/* SPDX-License-Identifier: MIT
 *
 * Regularised estimates whose hyper-parameters are those of the greatest
 * marginal likelihood, computed from the Gram.
 *
 * FIR: impulse responses with the TC kernel (tuned, correlated: prior
 * covariance c lambda^max(i,j)), own c and lambda for each input: T. Chen, H.
 * Ohlsson, L. Ljung, Automatica 48 (2012). Stable by construction.
 * Ridge: prior variance the same for all equilibrated parameters.
 */
#ifndef VR_SYSID_REGULARISED_H
#define VR_SYSID_REGULARISED_H

#include "sysid/estimate.h"

struct vr_fir_info {
  double *c, *lambda; /* nu of each: hyper-parameters */
  double noise_variance;
  double log_likelihood;       /* marginal, natural logarithm */
  double effective_parameters; /* trace of the hat matrix */
  unsigned evaluations;
  size_t rows;
};
void vr_regularised_info_clear(struct vr_fir_info *info);

/* A finite impulse response (na = 0): nb[i] coefficients from delay nk[i]. */
int vr_regularised_fit_fir(const struct vr_dataset *d,
                           const struct vr_orders *orders,
                           struct vr_arx *ret_arx, struct vr_fir_info *ret_info,
                           struct vr_error *error);

/* The ridge (as in struct vr_fit_options) of the greatest marginal likelihood
 * for ORDERS on D. */
int vr_sysid_choose_ridge(const struct vr_dataset *d,
                          const struct vr_orders *orders, double *ret_ridge,
                          struct vr_error *error);

#endif
