/* SPDX-License-Identifier: MIT
 *
 * The baseline of a static gain on one series.
 */
#ifndef VR_TRAIN_FIT_STATIC_BASELINE_H
#define VR_TRAIN_FIT_STATIC_BASELINE_H

#include "train/fit/choice.h"

/* The one source of the set ORIGINS with a single series whose static gain is
 * best on FOLDS themselves, leaving out sources that measure the counter
 * itself. Returns 0 or -ENOENT. */
int vr_static_baseline(const struct vr_features *f, size_t c, unsigned origins,
                       unsigned folds, enum vr_accelerator accelerator,
                       struct vr_choice *ret_choice,
                       struct vr_coefficients *ret);

#endif
