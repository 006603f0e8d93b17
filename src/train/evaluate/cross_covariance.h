/* SPDX-License-Identifier: MIT
 *
 * How two series move together at each lag, as they are: neither is made white
 * first, so that slow common motion shows at every lag (sysid/xcorr.h is for
 * delays).
 */
#ifndef VR_TRAIN_EVALUATE_CROSS_COVARIANCE_H
#define VR_TRAIN_EVALUATE_CROSS_COVARIANCE_H

#include <stddef.h>

/* Covariance of U(t) and Y(t + k) over N rows, k = -MAX_LAG .. MAX_LAG, to RET
 * (2 MAX_LAG + 1 values, in the product of both units): means of all known rows
 * subtracted, divided by the number of rows where both are known, so that the
 * estimate is biased towards 0 at long lags. *ret_scale is the product of both
 * standard deviations, by which it becomes a correlation. All are NAN where no
 * row is known or one does not vary. */
void vr_cross_covariance(size_t n, const double *u, const double *y,
                         unsigned max_lag, double *ret, double *ret_scale);

#endif
