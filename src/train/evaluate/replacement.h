/* SPDX-License-Identifier: MIT
 *
 * May a model that serves give way to one that was trained now?
 */
#ifndef VR_TRAIN_EVALUATE_REPLACEMENT_H
#define VR_TRAIN_EVALUATE_REPLACEMENT_H

#include "train/fit/train_counter.h"

/* What speaks for the model that is there. */
struct vr_replacement {
  bool keep;
  double seconds; /* of time that it was not trained on */
  /* Fits there in percent; that of the new one is NAN where none would be
   * published. */
  double former_fit, new_fit;
};

/* Judges FORMER, an inferred model of D's guest that is published, and what was
 * trained in K's place, on the time that FORMER was not trained on: it stays
 * where it does better there, with confidence (judge.h), than the new model did
 * while each block was held out, or, where none of K may be published under
 * MinFit = MIN_FIT, than its own trivial baselines. A measurement always takes
 * its place, and so does a model of another step. Returns 0 or -ENOMEM. */
int vr_replacement_judge(const struct vr_model *former,
                         const struct vr_guest_data *d,
                         const struct vr_counter_result *k, double min_fit,
                         struct vr_replacement *ret);

#endif
