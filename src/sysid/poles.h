/* SPDX-License-Identifier: MIT
 *
 * Poles and zeros of a model.
 */
#ifndef VR_SYSID_POLES_H
#define VR_SYSID_POLES_H

#include "model/arx.h"

#include <complex.h>

/* The na poles: roots of z^na + a_1 z^(na-1) + ... + a_na. RET_POLES holds na
 * values. 0, -ENOMEM, or -EDOM if the iteration does not converge. */
int vr_poles_of_arx(const struct vr_arx *arx, double complex *ret_poles);

/* The zeros of B_i of input I: RET_ZEROS holds nb - 1 values, *ret_n says how
 * many there are (leading coefficients that are 0 are delay, not zeros). */
int vr_poles_zeros_of_arx(const struct vr_arx *arx, unsigned i,
                          double complex *ret_zeros, unsigned *ret_n);

/* COEF[0..N], COEF[0] = 1, of the real polynomial with the N roots ROOTS, which
 * are real or in conjugate pairs. */
void vr_poles_polynomial(unsigned n, const double complex *roots,
                         double *ret_coef);

#endif
