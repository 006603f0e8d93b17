/* SPDX-License-Identifier: MIT
 *
 * A model that was known beforehand, in the place of one that was estimated
 * here.
 */
#ifndef VR_TRAIN_FIT_PREFER_KNOWN_H
#define VR_TRAIN_FIT_PREFER_KNOWN_H

#include "train/fit/held_out.h"
#include "train/fit/trained.h"

/* Puts a model that was known beforehand, learned elsewhere or physics, in the
 * place of *RESULT, which was estimated here for counter C (index in F), if it
 * does better on time that neither was estimated on. Its predictions go to H.
 * Returns 0, whether it did or not, or a negative errno. */
int vr_prefer_known(const struct vr_features *f, size_t c,
                    const struct vr_train_options *options,
                    struct vr_held_out *h, struct vr_trained *result);

#endif
