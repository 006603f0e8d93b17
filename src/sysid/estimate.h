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

#include <stdbool.h>

enum vr_fit_method { VR_FIT_GRAM, VR_FIT_TSQR };

struct vr_fit_options {
  /* Adds ridge * sum_j theta_j^2 G_jj to the sum of squares, G_jj the energy of
   * regressor j: dimensionless, 0 for plain least squares. */
  double ridge;
  /* Go straight to QR on the rows. */
  bool force_tsqr;
};

struct vr_fit_info {
  enum vr_fit_method method;
  unsigned refinements; /* steps in data space */
  size_t rows;
  unsigned n_parameters;
  double rss;            /* residual sum of squares, one step ahead */
  double noise_variance; /* rss / (rows - n_parameters) */
  double condition;      /* of the equilibrated regressor matrix, estimated */
  double aic, bic, fpe; /* rows ln(rss/rows) + 2p, + p ln(rows); Akaike's FPE */
  double *se;     /* standard errors: a_1 .. a_na, then the b of each input */
  char note[160]; /* what the user should know; empty if nothing */
};

void vr_estimate_info_clear(struct vr_fit_info *info);

/* Fits ORDERS to D by least squares over the rows t > largest lag of every
 * segment. OPTIONS may be NULL. *ret_arx is released by vr_arx_clear, *ret_info
 * (may be NULL) by vr_estimate_info_clear. Errors as in struct vr_error. */
int vr_estimate_arx(const struct vr_dataset *d, const struct vr_orders *orders,
                    const struct vr_fit_options *options,
                    struct vr_arx *ret_arx, struct vr_fit_info *ret_info,
                    struct vr_error *error);

/* A model of ORDERS from parameters in info.se's order, with THETA[k - 1] =
 * a_k. -ENOMEM. */
int vr_sysid_arx_from_parameters(const struct vr_orders *orders,
                                 const double *theta, struct vr_arx *ret_arx);
/* The orders of a model; NB and NK hold arx->nu values, which *ret uses. */
void vr_sysid_orders_of_arx(const struct vr_arx *arx, unsigned *nb,
                            unsigned *nk, struct vr_orders *ret);
int vr_sysid_arx_copy(const struct vr_arx *arx, struct vr_arx *ret);

#endif
