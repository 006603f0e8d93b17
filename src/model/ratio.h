/* SPDX-License-Identifier: MIT
 *
 * The structures without memory whose value is a percentage: VR_SHARE and
 * VR_RATIO.
 *
 * A guest's CPU usage is a ratio of two times that it counted, of which the one
 * below the line is not the time that went by: a guest without a steal clock
 * counts only a part of what it was preempted, and states that share time with
 * others have no more than what those left over. Each input u of a VR_RATIO
 * therefore has up to three weights b: in the numerator N, in the denominator D
 * beside the constant 1, and in what others occupy, C:
 *
 *   y = 100 min(N, D - C) / D,   N = sum b[0] u, D = 1 + sum b[1] u,
 *                                C = sum b[2] u
 *
 * and not below 0. It is not known where D is not above 0. An input that is not
 * a number is not counted; where no other is in the numerator, y is not known.
 */
#ifndef VR_MODEL_RATIO_H
#define VR_MODEL_RATIO_H

#include "model/arx.h"

/* The weights b of an input, in this order; the last may be absent. */
enum vr_ratio_weight {
  VR_RATIO_NUMERATOR,
  VR_RATIO_DENOMINATOR,
  VR_RATIO_TAKEN
};
enum { VR_RATIO_WEIGHTS_MIN = 2, VR_RATIO_WEIGHTS = 3 };

/* The first input's part of all of them, in percent; NAN of nothing at all. */
double vr_ratio_share(const struct vr_arx *arx, const double *u);

/* y above, in percent. A run makes an input that is beyond its range NAN. */
double vr_ratio_percent(const struct vr_arx *arx, const double *u);

/* The same at N ticks, NAN where any input is not a number, and 100 where D is
 * not above 0: input i at tick t is U[i STRIDE + t]. */
void vr_ratio_percents(const struct vr_arx *arx, const double *u, size_t stride,
                       size_t n, double *ret);

#endif
