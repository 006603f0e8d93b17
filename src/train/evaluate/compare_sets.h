/* SPDX-License-Identifier: MIT
 *
 * Two sets of models on the same recorded time of a guest.
 */
#ifndef VR_TRAIN_EVALUATE_COMPARE_SETS_H
#define VR_TRAIN_EVALUATE_COMPARE_SETS_H

#include "train/data/guest_data.h"

enum vr_sets_verdict {
  VR_SETS_NO_TRUTH,      /* the guest did not send this counter */
  VR_SETS_NEITHER,       /* no set has a model that is published */
  VR_SETS_ONLY_FIRST,    /* only one has */
  VR_SETS_ONLY_SECOND,   /* */
  VR_SETS_SAME,          /* both give the same values */
  VR_SETS_FIRST_BETTER,  /* with confidence: judge.h */
  VR_SETS_SECOND_BETTER, /* */
  VR_SETS_UNSURE,        /* what difference there is may be chance */
};

struct vr_sets_row {
  enum vr_counter counter;
  double fit[2];   /* percent, on rows that both know; NAN: none */
  bool seen[2];    /* that model was trained on a part of this time */
  double mean_fit; /* of the first that there is a model's mean of */
  enum vr_sets_verdict verdict;
};

struct vr_sets_guest {
  const struct vr_guest_data *data; /* borrowed */
  size_t rows;                      /* that were compared at most */
  struct vr_sets_row rows_of[VR_COUNTERS];
};

/* Compares what SETS[0] and SETS[1] would have published for D from the time
 * BEGIN on (NAN: all), under MinFit = MIN_FIT. Returns 0 or -ENOMEM. */
int vr_compare_sets(const struct vr_model_set sets[2],
                    const struct vr_guest_data *d, double begin, double min_fit,
                    struct vr_sets_guest *ret);

/* The first row of D that is not before BEGIN (NAN: the first of all); the
 * number of rows if there is none. */
size_t vr_compare_first_row(const struct vr_guest_data *d, double begin);

#endif
