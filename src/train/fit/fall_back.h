/* SPDX-License-Identifier: MIT
 *
 * The static gain as a model of its own.
 */
#ifndef VR_TRAIN_FIT_FALL_BACK_H
#define VR_TRAIN_FIT_FALL_BACK_H

#include "train/fit/held_out.h"
#include "train/fit/trained.h"

/* A static gain on one series is a model like any other, where it is that which
 * was chosen for counter C (index in F), or where what was chosen, *T, is not
 * worth publishing beside it: then it takes its place. It has only the mean
 * left to beat. Returns 0 or a negative errno. */
int vr_fall_back_to_gain(const struct vr_features *f, size_t c,
                         const struct vr_train_options *options,
                         struct vr_held_out *h, struct vr_trained *t);

#endif
