/* SPDX-License-Identifier: MIT
 *
 * Least-squares estimation of one ARX structure.
 *
 * The normal equations come from the lag covariance Gram, are equilibrated and
 * solved by Cholesky; their loss of accuracy is made good by steps of
 * refinement on residuals computed from the data (corrected seminormal
 * equations, A. Bjorck, Linear Algebra Appl. 88/89, 1987). Where the Gram is
 * too ill-conditioned for that, the rows themselves go through a QR
 * factorisation in blocks (TSQR), and info.note says so.
 */
#ifndef VR_SYSID_ESTIMATE_H
#define VR_SYSID_ESTIMATE_H

#include "model/arx.h"
#include "sysid/dataset.h"
#include "sysid/estimate_info.h"

#include <stdbool.h>

struct vr_fit_options {
  /* Adds ridge * sum_j theta_j^2 G_jj to the sum of squares, G_jj the energy of
   * regressor j: dimensionless, 0 for plain least squares. */
  double ridge;
  /* Go straight to QR on the rows. */
  bool force_tsqr;
};

/* Fits ORDERS to D by least squares over the rows t > largest lag of every
 * segment. OPTIONS may be NULL. *ret_arx is released by vr_arx_clear, *ret_info
 * (may be NULL) by vr_estimate_info_clear. Errors as in struct vr_error. */
int vr_estimate_arx(const struct vr_dataset *d, const struct vr_orders *orders,
                    const struct vr_fit_options *options,
                    struct vr_arx *ret_arx, struct vr_fit_info *ret_info,
                    struct vr_error *error);

#endif
