/* SPDX-License-Identifier: MIT
 *
 * Between the units of series and counters and those in which a model
 * computes: scale, the guest's size, offset, and the range of each.
 */
#ifndef VR_MODEL_UNITS_H
#define VR_MODEL_UNITS_H

#include "model/model.h"

#include <math.h>

/* The guest's size, for inputs and outputs that are per vCPU or per GiB. */
struct vr_guest_size {
  double vcpus; /* NAN: not known */
  double gib;
};

/* What a level is divided by, or a result multiplied by; NAN: not known. These
 * are inline because each model calls them for each input at each tick. */
static inline double vr_model_divisor(enum vr_per per,
                                      const struct vr_guest_size *size) {
  double d = per == VR_PER_VCPU  ? size->vcpus
             : per == VR_PER_GIB ? size->gib
                                 : 1;
  return d > 0 ? d : NAN;
}

static inline double vr_model_clamp(double value, double min, double max) {
  return value < min ? min : value > max ? max : value; /* NAN stays NAN */
}

/* However busy, so much of a vCPU counts as idle: what is divided by it stays
 * bounded. */
#define VR_MODEL_LEAST_IDLE 0.05

/* SUM over the idle part of a vCPU, where BUSY is the ns/s that all of them are
 * not idle. NAN where the size is not known. */
static inline double vr_model_over_idle(double sum, double busy,
                                        const struct vr_guest_size *size) {
  double idle = 1 - 1e-9 * busy / vr_model_divisor(VR_PER_VCPU, size);
  return isfinite(idle) ? sum / fmax(idle, VR_MODEL_LEAST_IDLE) : NAN;
}

static inline double vr_model_transform(enum vr_transform t, double x) {
  return t == VR_LOG1P ? log1p(fmax(x, 0)) : x;
}

/* scale * SUM / per of one input, in the unit of its range. SUM is the sum of
 * its signals' rates or levels, over the idle part where it is divided by that.
 * NAN when SUM or the size is not known. */
static inline double vr_model_input_level(const struct vr_model_input *in,
                                          double sum,
                                          const struct vr_guest_size *size) {
  double x = in->scale * sum / vr_model_divisor(in->per, size);
  return isfinite(x) ? vr_model_transform(in->transform, x) : NAN;
}

/* u of one input out of its LEVEL: held in the range, less the offset. NAN
 * stays NAN. */
static inline double vr_model_input_of_level(const struct vr_model_input *in,
                                             double level) {
  return vr_model_clamp(level, in->range_min, in->range_max) - in->offset;
}

/* Both: u of one input out of SUM. */
double vr_model_input_value(const struct vr_model_input *in, double sum,
                            const struct vr_guest_size *size);

/* The counter's value out of the ARX model's Y: offset, size, clamp. NAN when
 * the size is not known. */
static inline double vr_model_output_value(const struct vr_model_output *out,
                                           double y,
                                           const struct vr_guest_size *size) {
  double value = (y + out->offset) * vr_model_divisor(out->per, size);
  return isfinite(value) ? vr_model_clamp(value, out->min, out->max) : NAN;
}

#endif
