/* SPDX-License-Identifier: MIT
 *
 * Whether what is learned on other guests may be published for one that was
 * never seen: what it did on guests left out.
 */
#ifndef VR_TRAIN_FIT_POOL_VERDICT_H
#define VR_TRAIN_FIT_POOL_VERDICT_H

#include "train/fit/left_out.h"

#include <stdbool.h>

/* Is way W better than way BASELINE for counter C of guests left out: on all
 * but a tenth of them (on every one of less than ten), and over all of them
 * with confidence (judge.h)? A BASELINE that predicts nothing is no rival. */
bool vr_pool_is_better(const struct vr_left_out *l, enum vr_counter c,
                       enum vr_way w, enum vr_way baseline);

#endif
