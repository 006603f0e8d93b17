/* SPDX-License-Identifier: MIT
 *
 * The rows of the regression, straight from the data: what the Gram cannot
 * give to full accuracy.
 *
 * Parameters here are those of the regressors y(t-1) .. y(t-na), then u_i(t -
 * nk_i) .. for each input: the first na are -a_k.
 */
#ifndef VR_SYSID_ROWS_H
#define VR_SYSID_ROWS_H

#include "sysid/dataset.h"

/* Residuals r = y - Phi theta over all rows: *ret_rss = r'r, RET_GRADIENT =
 * Phi' r. Goes through the data once, in pieces that stay in cache. */
int vr_rows_gradient(const struct vr_dataset *d, const struct vr_orders *o,
                     const double *theta, double *ret_rss,
                     double *ret_gradient);

/* The same, with products summed in pairs of doubles: their rounding, which the
 * square of the condition carries to the parameters, is gone; that of the
 * residuals themselves, which the condition alone carries, is not. */
int vr_rows_gradient_fine(const struct vr_dataset *d, const struct vr_orders *o,
                          const double *theta, double *ret_rss,
                          double *ret_gradient);

/* All of it in extended precision, slowly: large parameters of opposite sign,
 * as ill-conditioned data has, leave little of a residual in double. */
int vr_rows_gradient_extended(const struct vr_dataset *d,
                              const struct vr_orders *o, const double *theta,
                              double *ret_rss, double *ret_gradient);

/* QR factorisation in blocks of [Phi diag(scale), y]: RET_L is the transpose of
 * R, p + 1 by p + 1, lower triangular, row after row. RIDGE > 0 appends rows
 * sqrt(ridge) I. */
int vr_rows_tsqr(const struct vr_dataset *d, const struct vr_orders *o,
                 const double *scale, double ridge, double *ret_l);

#endif
