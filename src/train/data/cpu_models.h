/* SPDX-License-Identifier: MIT
 *
 * The law of CPU usage (schema/cpu_terms.h) as models.
 */
#ifndef VR_TRAIN_DATA_CPU_MODELS_H
#define VR_TRAIN_DATA_CPU_MODELS_H

#include "model/model.h"
#include "schema/cpu_terms.h"

/* D as a model for guests that match GUEST, not validated yet. Returns 0 or
 * -ENOMEM. */
int vr_cpu_model(const struct vr_cpu_definition *d, const char *guest,
                 struct vr_model *ret_model);

/* The input of M whose weight a guest calibrates: the delay, of which a part is
 * counted; n_inputs where there is none. */
size_t vr_cpu_model_delay(const struct vr_model *m);

/* Lets the part COUNTED, 0 to 1, of input DELAY count: in the numerator and in
 * the sum of all. */
void vr_cpu_model_calibrate(struct vr_model *m, size_t delay, double counted);

#endif
