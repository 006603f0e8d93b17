/* SPDX-License-Identifier: MIT */
#include "model/units.h"

double vr_model_input_value(const struct vr_model_input *in, double sum,
                            const struct vr_guest_size *size) {
  return vr_model_input_of_level(in, vr_model_input_level(in, sum, size));
}

double vr_model_output_value(const struct vr_model_output *out, double y,
                             const struct vr_guest_size *size) {
  double value = (y + out->offset) * vr_model_divisor(out->per, size);
  return isfinite(value) ? vr_model_clamp(value, out->min, out->max) : NAN;
}
