/* SPDX-License-Identifier: MIT
 *
 * Whether what the host measures gives way to an estimated model.
 */
#ifndef VR_TRAIN_FIT_GIVE_WAY_H
#define VR_TRAIN_FIT_GIVE_WAY_H

#include "model/model.h"

#include <stdbool.h>

/* May M, an estimated model, take the place of a definition of PROVENANCE with
 * the fit OF_DEFINITION, if it is better than that with confidence? Not of what
 * is counted exactly, as bytes: what a model is better by there is the rounding
 * of clocks. Nor in model files of a version before FORMAT that cannot say it.
 */
bool vr_give_way_may(const struct vr_model *m, enum vr_provenance provenance,
                     double of_definition, int format);

/* The definition gives way to M. As that has none, M's inputs have no range. */
void vr_give_way_to(struct vr_model *m);

#endif
