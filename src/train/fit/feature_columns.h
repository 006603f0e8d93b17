/* SPDX-License-Identifier: MIT
 *
 * The columns of features: the counters and sources that all recordings have.
 */
#ifndef VR_TRAIN_FIT_FEATURE_COLUMNS_H
#define VR_TRAIN_FIT_FEATURE_COLUMNS_H

#include "train/fit/features.h"

/* Takes the counters, and the sources whose origin is in the set ORIGINS, of
 * F's recordings, and marks the rows in which all sources are known as used.
 * What LENDER has of the same recording (NULL: nobody) is not copied: it
 * outlives F. Returns 0 or -ENOMEM. */
int vr_feature_columns_take(struct vr_features *f, unsigned origins,
                            const struct vr_features *lender);

/* What a recording began with is not known and not scored: two time constants
 * of the load average, but not more than a tenth of the recording. */
void vr_feature_columns_drop_first(struct vr_features *f);

#endif
