/* SPDX-License-Identifier: MIT
 *
 * Levels that were sampled finely, judged twice: against the samples, and
 * against what they would be on average (data/level_truths.h).
 */
#ifndef VR_TRAIN_FIT_LEVELS_H
#define VR_TRAIN_FIT_LEVELS_H

#include "train/fit/trained.h"

/* Sets T's fits of PREDICTED, rows of D, over the rows that are USED (NULL:
 * all), and those of the trivial baselines MEAN and GAIN (NULL: none), which
 * stand for T's counter. T is as it was where D has no second truth, or where
 * model files of version FORMAT cannot say it. */
void vr_levels_judge(const struct vr_guest_data *d, const unsigned char *used,
                     const double *predicted, const double *mean,
                     const double *gain, int format, struct vr_trained *t);

#endif
