/* SPDX-License-Identifier: MIT */
#include "model/units.h"

#include <math.h>

static double divisor(enum vr_per per, const struct vr_guest_size *size) {
  double d = per == VR_PER_VCPU  ? size->vcpus
             : per == VR_PER_GIB ? size->gib
                                 : 1;
  return d > 0 ? d : NAN;
}

static double clamp(double value, double min, double max) {
  return value < min ? min : value > max ? max : value; /* NAN stays NAN */
}

double vr_model_input_level(const struct vr_model_input *in, double sum,
                            const struct vr_guest_size *size) {
  double x = in->scale * sum / divisor(in->per, size);
  return isfinite(x) ? x : NAN;
}

double vr_model_input_of_level(const struct vr_model_input *in, double level) {
  return clamp(level, in->range_min, in->range_max) - in->offset;
}

double vr_model_input_value(const struct vr_model_input *in, double sum,
                            const struct vr_guest_size *size) {
  return vr_model_input_of_level(in, vr_model_input_level(in, sum, size));
}

double vr_model_output_value(const struct vr_model_output *out, double y,
                             const struct vr_guest_size *size) {
  double value = (y + out->offset) * divisor(out->per, size);
  return isfinite(value) ? clamp(value, out->min, out->max) : NAN;
}
