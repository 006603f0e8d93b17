/* SPDX-License-Identifier: MIT
 *
 * The inner products of all columns behind each pole, block by block.
 */
#ifndef VR_TRAIN_FIT_FEATURE_GRAMS_H
#define VR_TRAIN_FIT_FEATURE_GRAMS_H

#include "train/fit/features.h"

/* Chooses the poles for F's step and computes its inner products. Returns 0 or
 * -ENOMEM. */
int vr_feature_grams_compute(struct vr_features *f);

#endif
