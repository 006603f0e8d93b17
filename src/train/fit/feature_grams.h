/* SPDX-License-Identifier: MIT
 *
 * The inner products of all columns behind each pole, block by block.
 */
#ifndef VR_TRAIN_FIT_FEATURE_GRAMS_H
#define VR_TRAIN_FIT_FEATURE_GRAMS_H

#include "train/fit/features.h"

/* Chooses the poles for F's step and computes its inner products; and, in the
 * same walk, those of EARLY (may be NULL), where that is F's first rows with
 * the same columns: else nothing is done with it. Returns 0 or -ENOMEM. */
int vr_feature_grams_compute(struct vr_features *f, struct vr_features *early);

/* The same for F, out of the inner products of WHOLE, which has more sources in
 * the same rows. Returns 0, -ENOENT where they are not the same, or -ENOMEM. */
int vr_feature_grams_cut(const struct vr_features *whole,
                         struct vr_features *f);

#endif
