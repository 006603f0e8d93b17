/* SPDX-License-Identifier: MIT
 *
 * The trivial baselines: what an operator could have had without a model.
 */
#ifndef VR_SYSID_STATIC_GAIN_H
#define VR_SYSID_STATIC_GAIN_H

#include "sysid/dataset.h"

struct vr_static_gain {
  double gain, constant; /* y = gain * u + constant */
  double se_gain;
  double correlation;
  size_t samples;
};

/* Least squares over all samples of all segments, input I of D.
 * -EDOM when the input is constant. */
int vr_sysid_fit_static_gain(const struct vr_dataset *d, unsigned i,
                             struct vr_static_gain *ret,
                             struct vr_error *error);

#endif
