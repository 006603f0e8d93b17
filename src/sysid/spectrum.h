/* SPDX-License-Identifier: MIT
 *
 * Spectra: of an autoregressive model, and of a series by Welch.
 */
#ifndef VR_SYSID_SPECTRUM_H
#define VR_SYSID_SPECTRUM_H

#include "sysid/ar_model.h"

/* Its spectral density at F cycles per sample (0 .. 0.5), such that the
 * integral over -0.5 .. 0.5 is the variance. */
double vr_spectrum_of_ar(const struct vr_ar *ar, double f);

/* Welch's periodogram: Hann windows of LENGTH samples (a power of two), half
 * overlapped, segments with gaps left out; one-sided density at k / LENGTH, k =
 * 0 .. LENGTH / 2. *ret_windows (may be NULL): how many were averaged. */
int vr_spectrum_of_series(size_t n, const double *x, unsigned length,
                          double *ret_density, size_t *ret_windows,
                          struct vr_error *error);

#endif
