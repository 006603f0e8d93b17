/* SPDX-License-Identifier: MIT
 *
 * What may run freer than the least squares that a search compares: its choice
 * refined by Steiglitz and McBride's iteration, and a regularised impulse
 * response.
 */
#ifndef VR_TRAIN_TABLE_TABLE_REFINE_H
#define VR_TRAIN_TABLE_TABLE_REFINE_H

#include "train/table/table_result.h"

/* Tries both on ESTIMATE in the ranges of F's search, and puts the better one
 * in the place of F's model if it runs freer on VALIDATE, samples that no
 * estimation saw. F's model and info must be those of the searched structure.
 * Returns 0 or -ENOMEM. */
int vr_table_refine(const struct vr_dataset *estimate,
                    const struct vr_dataset *validate, struct vr_table_fit *f);

#endif
