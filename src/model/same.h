/* SPDX-License-Identifier: MIT
 *
 * Can one model go on with the memory of another's run?
 */
#ifndef VR_MODEL_SAME_H
#define VR_MODEL_SAME_H

#include "model/model.h"

#include <stdbool.h>

/* Have they the same counter, step, na, nb and nk of each input, same signals,
 * divided by the same? Those of a load law remember tasks, whatever the inputs
 * that they were counted by. */
bool vr_same_structure(const struct vr_model *a, const struct vr_model *b);

/* Has B every signal that A has? */
bool vr_same_signals_or_more(const struct vr_model *a,
                             const struct vr_model *b);

/* Do A and B, of one structure, make the same of the same memory? */
bool vr_same_equation(const struct vr_model *a, const struct vr_model *b);

#endif
