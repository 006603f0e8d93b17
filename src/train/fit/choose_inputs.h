/* SPDX-License-Identifier: MIT
 *
 * Which inputs, with which delays, behind which pole: forward selection by the
 * free run on blocks of time that estimation did not see.
 */
#ifndef VR_TRAIN_FIT_CHOOSE_INPUTS_H
#define VR_TRAIN_FIT_CHOOSE_INPUTS_H

#include "train/fit/choice.h"

/* Chooses for counter C (index in features), looking only at the folds in the
 * bit set FOLDS. A choice without inputs is the mean: nothing was better. */
void vr_choose_inputs(const struct vr_features *f, size_t c, unsigned folds,
                      struct vr_choice *ret_choice);

#endif
