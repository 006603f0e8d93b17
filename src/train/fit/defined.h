/* SPDX-License-Identifier: MIT
 *
 * What the host measures of a guest, or its balloon driver tells: the known
 * definition of a counter, calibrated and validated on the guest's own values.
 */
#ifndef VR_TRAIN_FIT_DEFINED_H
#define VR_TRAIN_FIT_DEFINED_H

#include "train/fit/features.h"
#include "train/fit/trained.h"

/* The definition of counter C (index in F), if its series were recorded, into
 * *ret (is_there says whether); part of them missing is told. BASELINE is
 * copied; RUN is scratch of F's rows. Returns 0 or a negative errno. */
int vr_fit_defined(const struct vr_features *f, size_t c,
                   const struct vr_model_baseline *baseline, double *run,
                   struct vr_trained *ret);

#endif
