/* SPDX-License-Identifier: MIT
 *
 * What the host measures of a guest, or its balloon driver reports: the known
 * definition of a counter, calibrated and validated on the guest's own values.
 */
#ifndef VR_TRAIN_FIT_DEFINED_H
#define VR_TRAIN_FIT_DEFINED_H

#include "train/fit/features.h"
#include "train/fit/train_options.h"
#include "train/fit/trained.h"

/* The definition of counter C (index in F), if its series were recorded, into
 * *ret (is_there says whether); where only a part of them was, a warning is
 * logged. BASELINE is copied; RUN is scratch of F's rows. Returns 0 or a
 * negative errno. */
int vr_fit_defined(const struct vr_features *f, size_t c,
                   const struct vr_train_options *options,
                   const struct vr_model_baseline *baseline, double *run,
                   struct vr_trained *ret);

/* How much of the run-queue delay of vCPU threads their guest counts as busy, 0
 * to 1: a guest does not notice that it was preempted and counts on; after
 * wake-up from idle it counts the delay as idle still. Least squares of Y -
 * GAIN run on GAIN wait over rows that are known and whose FOLD is in FOLDS
 * (FOLD NULL: all); 1 where the rows do not determine it. */
double vr_fit_calibrate_wait(const double *y, const double *run,
                             const double *wait, double gain,
                             const unsigned char *fold, unsigned folds,
                             size_t rows);

#endif
