/* SPDX-License-Identifier: MIT
 *
 * The features of recordings, made from their data.
 */
#ifndef VR_TRAIN_FIT_BUILD_FEATURES_H
#define VR_TRAIN_FIT_BUILD_FEATURES_H

#include "train/fit/features.h"

/* How many rows of STEP seconds are the least that anything is estimated on. */
size_t vr_features_min_rows(double step);

/* Builds the features of N recordings, with the sources whose origin is in the
 * set ORIGINS. Folds are blocks in time, or one recording each when
 * BY_RECORDING (at most VR_FOLDS then). There may be no sources: what needs no
 * estimation can be validated all the same. Returns 0; -ENODATA when fewer than
 * vr_features_min_rows() rows are known on all sides; -ENOMEM. */
int vr_features_build(const struct vr_guest_data *const *data, size_t n,
                      unsigned origins, bool by_recording,
                      struct vr_features *ret_features,
                      struct vr_error *ret_error);

/* The same without the inner products, which are computed later, or cut out of
 * others' (feature_grams.h). LENDER: as in feature_columns.h. */
int vr_features_lay_out(const struct vr_guest_data *const *data, size_t n,
                        unsigned origins, bool by_recording,
                        const struct vr_features *lender,
                        struct vr_features *ret_features,
                        struct vr_error *ret_error);

#endif
