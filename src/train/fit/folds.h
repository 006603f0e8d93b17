/* SPDX-License-Identifier: MIT
 *
 * Blocks of time that are held out of estimation, one at a time.
 */
#ifndef VR_TRAIN_FIT_FOLDS_H
#define VR_TRAIN_FIT_FOLDS_H

#include "train/fit/features.h"

/* Each fold is one block of every recording's time, or two apart, which see
 * more kinds of load: where both are long, or where one would not be, either.
 */
void vr_folds_by_time(struct vr_features *f);

/* Each fold is a recording, or several where there are more than VR_FOLDS. */
void vr_folds_by_recording(struct vr_features *f);

/* The folds to learn counter C (index in F) from when FOLD is held out, as a
 * bit set. A level that wanders slowly is known in a block from what it was
 * just before and after; tomorrow there is no after. So for such levels the
 * neighbours are left out, too. */
unsigned vr_folds_without(const struct vr_features *f, size_t c, unsigned fold);

/* Copies the rows of FOLD. */
void vr_folds_take(const struct vr_features *f, unsigned fold,
                   const double *from, double *to);

#endif
