/* SPDX-License-Identifier: MIT
 *
 * How far a counter may lie from the value of its model, at a tick.
 */
#ifndef VR_MODEL_INTERVAL_H
#define VR_MODEL_INTERVAL_H

#include "model/units.h"

#include <stdbool.h>

struct vr_interval {
  double lower, upper; /* NAN: not known */
};

/* Around VALUE, which M gives for a guest of SIZE. SUM is that of the signals
 * that show M's regime; NAN where it is not known: then the widest half-width
 * counts, whichever regime it is of. Clamped as the model's output, and at 0:
 * no counter is ever below. */
struct vr_interval vr_model_interval(const struct vr_model *m, double value,
                                     double sum,
                                     const struct vr_guest_size *size);

/* Is the guest known to be busier than any regime that M was validated in?
 * Then *ret_level is the level that shows it, in the unit of the edges. */
bool vr_model_is_unvalidated(const struct vr_model *m, double sum,
                             const struct vr_guest_size *size,
                             double *ret_level);

#endif
