/* SPDX-License-Identifier: MIT
 *
 * The inner loops that touch every sample: dot products, products at many lags
 * at once, and filters. Compiled for several instruction sets, chosen when
 * the program starts.
 */
#ifndef VR_SYSID_KERNELS_H
#define VR_SYSID_KERNELS_H

#include <stddef.h>

/* sum of x[t] z[t] over t = 0 .. n-1. */
double vr_dot(size_t n, const double *x, const double *z);

/* y[t] += alpha x[t]. */
void vr_axpy(size_t n, double alpha, const double *x, double *y);

/* c[k] = sum over t = 0 .. n-1 of x[t] z[t - k], for k = 0 .. lags-1. The
 * caller sees to it that z[-(lags - 1)] can be read. */
void vr_sysid_lag_products(size_t n, const double *x, const double *z,
                           unsigned lags, double *ret_c);

/* The same as unevaluated sums of two, right to about 2^-79 of the sum of the
 * products' magnitudes. Meant for pieces that stay in cache. */
void vr_sysid_lag_products_exact(size_t n, const double *x, const double *z,
                                 unsigned lags, double *ret_high,
                                 double *ret_low);

/* out[t] += sum over k = 0 .. taps-1 of c[k] z[t - k], for t = 0 .. n-1. */
void vr_sysid_fir_add(size_t n, const double *c, unsigned taps, const double *z,
                      double *out);

/* x[t] -= sum over k = 1 .. na of a[k] x[t - k], for t = first .. n-1: the
 * filter 1/A in place. What is before x[0] is 0. */
void vr_sysid_ar_filter(unsigned na, const double *a, size_t first, size_t n,
                        double *x);

#endif
