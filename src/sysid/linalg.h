/* SPDX-License-Identifier: MIT
 *
 * Small dense algebra on lower triangular factors, stored row after row so
 * that every inner product runs over plain arrays.
 */
#ifndef VR_SYSID_LINALG_H
#define VR_SYSID_LINALG_H

#include <stddef.h>

/* Factors the symmetric n x n matrix A = L L' in place: the lower triangle is
 * read and replaced by L, the strict upper one is left as it is. Returns 0, or
 * k + 1 when pivot k is not above TOL times its diagonal element of A. */
unsigned vr_sysid_cholesky(unsigned n, double *a, double tol);

/* x := L^-1 x, x := L^-T x, and both: x := (L L')^-1 x. */
void vr_sysid_forward(unsigned n, const double *l, double *x);
void vr_sysid_backward(unsigned n, const double *l, double *x);
void vr_sysid_solve(unsigned n, const double *l, double *x);

/* RET_D[j] = diagonal element j of (L L')^-1. WORK holds n values. */
void vr_sysid_inverse_diagonal(unsigned n, const double *l, double *ret_d,
                               double *work);

/* Condition number of L (and of the matrix whose Gram is L L') in the 2-norm,
 * from some steps of power and inverse iteration: seldom off by more than a
 * factor of 2. WORK holds n values. */
double vr_sysid_condition(unsigned n, const double *l, double *work);

#endif
