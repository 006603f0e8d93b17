/* SPDX-License-Identifier: MIT
 *
 * Fits of what needs no dynamics.
 */
#ifndef VR_TRAIN_TABLE_TABLE_BASELINES_H
#define VR_TRAIN_TABLE_TABLE_BASELINES_H

#include "train/table/table_data.h"

/* Fits of the output's mean over the estimation data, and of the static gain on
 * the input that explains it best, into F. Returns 0 or -ENOMEM. */
int vr_table_baselines(const struct vr_table_options *o,
                       const struct vr_table_data *d, struct vr_table_fit *f);

#endif
