/* SPDX-License-Identifier: MIT
 *
 * May a pooled model that serves give way to one that was pooled now?
 */
#ifndef VR_TRAIN_EVALUATE_POOL_REPLACEMENT_H
#define VR_TRAIN_EVALUATE_POOL_REPLACEMENT_H

#include "train/evaluate/replacement.h"
#include "train/fit/pool.h"

/* Judges FORMER, a generic model that is published, and what was pooled in K's
 * place over the N guests DATA, on the time that FORMER was not trained on: as
 * vr_replacement_judge(), but over all guests together, and against what the
 * new one predicted for each of them when it was left out. Returns 0 or
 * -ENOMEM. */
int vr_pool_replacement_judge(const struct vr_model *former,
                              const struct vr_guest_data *const *data, size_t n,
                              const struct vr_pool_counter *k, double min_fit,
                              struct vr_replacement *ret);

#endif
