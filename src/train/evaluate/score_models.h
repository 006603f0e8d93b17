/* SPDX-License-Identifier: MIT
 *
 * Which models of a set a guest is scored with.
 */
#ifndef VR_TRAIN_EVALUATE_SCORE_MODELS_H
#define VR_TRAIN_EVALUATE_SCORE_MODELS_H

#include "train/data/guest_data.h"

/* Of one counter of one guest; borrowed, NULL: none. */
struct vr_score_models {
  const struct vr_model *model;    /* of the VM process alone */
  const struct vr_model *best;     /* inferred */
  const struct vr_model *baseline; /* with a gain, or else a mean */
};

/* The first models of SET for counter C of D's guest: its own before one for
 * every guest. */
struct vr_score_models vr_score_models_for(const struct vr_model_set *set,
                                           const struct vr_guest_data *d,
                                           enum vr_counter c);

#endif
