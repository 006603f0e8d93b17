/* SPDX-License-Identifier: MIT
 *
 * Guests left out, one or two at a time: what is learned on the others predicts
 * for them.
 */
#ifndef VR_TRAIN_FIT_LEFT_OUT_H
#define VR_TRAIN_FIT_LEFT_OUT_H

#include "train/data/guest_data.h"
#include "train/fit/train_options.h"

/* Up to so many guests are left out one at a time, and in pairs; of more a fold
 * (features.h) at a time. */
enum { VR_POOL_FEW = 8 };

/* By what a counter is predicted. */
enum vr_way {
  VR_WAY_INFERRED,
  VR_WAY_ONE_STEP,
  VR_WAY_REFERENCE,
  VR_WAY_DEFINITION,
  VR_WAY_CALIBRATED, /* a law with weights from the other guests, a few */
  VR_WAY_MEAN,
  VR_WAY_GAIN,
  VR_WAYS
};

/* What each way predicts of every counter of one guest; NAN where it predicts
 * nothing. */
struct vr_predictions {
  const struct vr_guest_data *data;
  double *of[VR_COUNTERS][VR_WAYS];
};

/* Everything that leaving guests out gave: LEFT[g] is guest g by all others, or
 * by those of the other folds; PAIRS[g * n + h] is guest h by all but g and h,
 * NULL where there are more than a few guests. */
struct vr_left_out {
  size_t n;
  unsigned n_folds; /* guest g is in fold g % n_folds; n where all are apart */
  struct vr_predictions *left, *pairs;
};

void vr_left_out_clear(struct vr_left_out *l);

/* Leaves each of the N guests out, and, where there are more than two but few,
 * each pair of them. Learned from is what the set ORIGINS of enum
 * vr_signal_group has. *L is to be cleared in any case. Returns 0 or a negative
 * errno with *error filled. */
int vr_left_out_predict(const struct vr_guest_data *const *data, size_t n,
                        unsigned origins,
                        const struct vr_train_options *options,
                        struct vr_left_out *l, struct vr_error *error);

/* The truth of counter C; NULL when there is none. */
const double *vr_left_out_truth(const struct vr_predictions *a,
                                enum vr_counter c);

/* The fit in percent of way W over all guests when they were left out, each
 * against its own mean. */
double vr_left_out_fit(const struct vr_left_out *l, enum vr_counter c,
                       enum vr_way w);

/* The same against what the samples of a level would be on average (data/
 * level_truths.h), over the guests of which that is known; NAN: of none. */
double vr_left_out_expected_fit(const struct vr_left_out *l, enum vr_counter c,
                                enum vr_way w);

/* vr_left_out_fit() of guest G alone; NAN where it sent none of C. */
double vr_left_out_fit_of(const struct vr_left_out *l, size_t g,
                          enum vr_counter c, enum vr_way w);

#endif
