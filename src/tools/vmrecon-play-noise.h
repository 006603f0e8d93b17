/* SPDX-License-Identifier: MIT
 *
 * Fractional Gaussian noise.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_NOISE_H
#define VR_TOOLS_VMRECON_PLAY_NOISE_H

#include <stddef.h>
#include <stdint.h>

/* N values of mean 0 and variance 1 with the autocovariance
 * (|k+1|^2H - 2 |k|^2H + |k-1|^2H) / 2. Returns 0 or -ENOMEM. */
int vr_tools_noise(double hurst, uint64_t seed, double *ret, size_t n);

#endif
