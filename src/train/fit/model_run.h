/* SPDX-License-Identifier: MIT
 *
 * A model run freely over recorded data, as the target runs it live.
 */
#ifndef VR_TRAIN_FIT_MODEL_RUN_H
#define VR_TRAIN_FIT_MODEL_RUN_H

#include "train/data/guest_data.h"

/* What MODEL gives at the truth's times, in the counter's unit, into RET (grid
 * rows): model/run.h on the recorded series. Returns 0, -ENOENT when an input
 * is not recorded, -EINVAL for a model of another step, -ENOMEM. */
int vr_fit_run_model(const struct vr_guest_data *d,
                     const struct vr_model *model, double *ret);

/* The same for a validation that begins in the middle of the guest's life.
 * Live, a model has run for long; here it would start at rest, and a load
 * average remembers that for minutes. So what the model of first order had in
 * store is taken from the truth of the first WARM rows, which must not be
 * scored. */
int vr_fit_run_model_started(const struct vr_guest_data *d,
                             const struct vr_model *model, size_t warm,
                             double *ret);

/* What MODEL predicts one step ahead of Y measured, into RET. Its free run RUN
 * errs by what the past outputs err, which measured ones do not. */
void vr_fit_run_one_step(const struct vr_model *model, const double *y,
                         const double *run, size_t rows, double *ret);

#endif
