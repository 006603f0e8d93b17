/* SPDX-License-Identifier: MIT
 *
 * Traces with the statistics of real host load (P. A. Dinda: The statistical
 * properties of host load, Scientific Programming 7, 1999): self-similar, and
 * in epochs, at whose borders what it does from second to second changes
 * abruptly.
 *
 * The number of active tasks, one for each five seconds k, is
 *
 *   n(k) = mean exp(s z(k) - s^2 / 2),  s^2 = log(1 + deviation^2)
 *
 * z is fractional Gaussian noise of the asked Hurst parameter, exact, by
 * circulant embedding (R. B. Davies, D. S. Harte, Biometrika 74, 1987). In each
 * epoch the deviations of log n from its mean over the epoch are multiplied by
 * a gain of the epoch's own, and n is brought to the mean over the epoch that
 * it had before: above the length of epochs nothing changes. The gains are
 * log-normal, and their squares have the mean 1. The trace is the kernel's load
 * average of that.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_GENERATE_H
#define VR_TOOLS_VMRECON_PLAY_GENERATE_H

#include "basic/error.h"

#include <stdint.h>
#include <stdio.h>

struct vr_tools_generate_options {
  double seconds;
  double mean;      /* of the load */
  double deviation; /* of the number of active tasks, over its mean */
  double hurst;     /* above 0.5, below 1 */
  double epoch; /* mean length, seconds: from half of it to one and a half */
  uint64_t seed;
};

/* Prints one value for each second, and a comment where an epoch begins.
 * Returns 0 or a negative errno. */
int vr_tools_generate(const struct vr_tools_generate_options *options, FILE *f,
                      struct vr_error *ret_error);

#endif
