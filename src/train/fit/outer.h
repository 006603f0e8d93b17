/* SPDX-License-Identifier: MIT
 *
 * The last part of a recording, which no choice saw: is what the same training
 * makes of the time before it better there than the trivial baselines?
 */
#ifndef VR_TRAIN_FIT_OUTER_H
#define VR_TRAIN_FIT_OUTER_H

#include "train/fit/train_counter.h"

/* The part of D that comes before the outer one, as a view: nothing of it is to
 * be released, and D outlives it. */
struct vr_guest_data vr_outer_before(const struct vr_guest_data *d);

/* Withholds T, a model of D that may be published, where EARLY, trained on
 * vr_outer_before(D) as T was on all of it, is not better on the rest of D than
 * each baseline that it was trained with (NULL: nothing could be trained), or
 * where D is too short for the counter's memory (memories.h).
 * Other T are left as they are. Returns 0 or -ENOMEM. */
int vr_outer_confirm(const struct vr_guest_data *d,
                     const struct vr_trained *early, struct vr_trained *t);

/* The same for K's inferred model, and for that what is measured of its counter
 * gives way to it, which EARLY has to earn there, too. */
int vr_outer_confirm_inferred(const struct vr_guest_data *d,
                              const struct vr_trained *early,
                              struct vr_counter_result *k);

#endif
