/* SPDX-License-Identifier: MIT
 *
 * Prediction intervals for guests that were never seen, from the errors on
 * guests left out.
 */
#ifndef VR_TRAIN_FIT_POOL_INTERVALS_H
#define VR_TRAIN_FIT_POOL_INTERVALS_H

#include "train/fit/fit_intervals.h"
#include "train/fit/left_out.h"

/* The coverage of one counter's intervals. */
struct vr_pool_interval {
  bool is_there;
  struct vr_coverage coverage; /* in the counter's unit, load and contextswitch
                                  per vCPU */
  double *by_guest;            /* coverage when it was left out; owned */
  double spread;               /* standard deviation of the truth */
};
void vr_pool_interval_clear(struct vr_pool_interval *i);

/* Coverage of the intervals of way W of counter C, each guest with widths from
 * the others' errors when they were left out, too; of many guests, from those
 * of the guests of other folds, and then its uncertainty is that of a mean over
 * guests. Returns 0, also where there
 * is too little data for any, or -ENOMEM. */
int vr_pool_interval_measure(const struct vr_left_out *l, enum vr_counter c,
                             enum vr_way w, struct vr_pool_interval *ret);

/* Gives the pooled model M, which is way W, the half-widths from all guests
 * when they were left out, and the coverage in MEASURED. Returns 0 or -ENOMEM.
 */
int vr_pool_interval_set(const struct vr_left_out *l, enum vr_way w,
                         const struct vr_pool_interval *measured,
                         struct vr_model *m);

#endif
