/* SPDX-License-Identifier: MIT */
#include "model/units.h"

double vr_model_input_value(const struct vr_model_input *in, double sum,
                            const struct vr_guest_size *size) {
  return vr_model_input_of_level(in, vr_model_input_level(in, sum, size));
}
