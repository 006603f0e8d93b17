/* SPDX-License-Identifier: MIT
 *
 * What of an archive no guest's training had a use for.
 */
#ifndef VR_TRAIN_CLI_LEFTOVER_H
#define VR_TRAIN_CLI_LEFTOVER_H

#include "train/data/pairs.h"

#include <stdio.h>

/* One line with counts, or none: series that are there twice, guests that are,
 * and hosts with series of their own that are nobody's truth. */
void vr_leftover_print(const struct vr_archive *a, const struct vr_pairs *pairs,
                       FILE *f);

#endif
