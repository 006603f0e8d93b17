/* SPDX-License-Identifier: MIT
 *
 * Models that were learned elsewhere, tried on this guest: minutes of history
 * may be too few for a slow counter, and a model from hours of other guests
 * may do better here than anything that can be estimated here.
 */
#ifndef VR_TRAIN_FIT_ADOPT_KNOWN_H
#define VR_TRAIN_FIT_ADOPT_KNOWN_H

#include "train/fit/features.h"

/* Finds among the generic inferred models of KNOWN, for the counter C (index in
 * features) and this guest's accelerator and step, the one with the best free
 * run on the used rows of F: none of them was estimated on. RUN is scratch of
 * rows numbers. *ret_model names this guest, has that fit, no baseline, and is
 * the caller's to clear. -ENOENT when none can run on what was recorded. */
int vr_fit_known_best(const struct vr_features *f, size_t c,
                      const struct vr_model_set *known, double *run,
                      struct vr_model *ret_model);

#endif
