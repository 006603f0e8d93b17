/* SPDX-License-Identifier: MIT
 *
 * May a model's values be published as the guest's? The one rule, for the
 * target that publishes and for the trainer that reports what will be.
 */
#ifndef VR_MODEL_PUBLISHABLE_H
#define VR_MODEL_PUBLISHABLE_H

#include "model/model.h"

#include <stdbool.h>

/* The fit of the best baseline of B, in percent: at least 0, which is the fit
 * of the mean of the validation data. A fit that is not known counts as 0. */
double vr_model_best_baseline(const struct vr_model_baseline *b);

/* Is M's validated fit above those of all its baselines? False where it was
 * never validated. */
bool vr_model_beats_baselines(const struct vr_model *m);

/* What is measured is published whatever its fit. An inferred model has to earn
 * it: it has inputs, the trainer did not withhold it, its validated fit is at
 * least MIN_FIT percent, and above the fits of its baselines. */
bool vr_model_publishable(const struct vr_model *m, double min_fit);

#endif
