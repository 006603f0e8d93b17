/* SPDX-License-Identifier: MIT
 *
 * How a counter of a guest stands after training: good enough, weak, not worth
 * publishing, or without what a model needs.
 */
#ifndef VR_TRAIN_REPORT_STANDING_H
#define VR_TRAIN_REPORT_STANDING_H

#include "train/fit/train_guest.h"

#include <stdio.h>

/* A fit from here on is good: the error is at most half of the counter's own
 * standard deviation. Percent. */
#define VR_STANDING_GOOD_FIT 50.0

enum vr_standing_kind {
  VR_STANDING_GOOD,
  VR_STANDING_WEAK,
  VR_STANDING_UNSURE,     /* better here, but it may be chance */
  VR_STANDING_NOT_BETTER, /* than the mean, or than another trivial baseline */
  VR_STANDING_CONSTANT,   /* the counter never moved */
  VR_STANDING_NO_INPUT,   /* nothing that was recorded explains it */
  VR_STANDING_NO_TRUTH,   /* the guest's own values are missing */
};

struct vr_standing {
  enum vr_standing_kind kind;
  bool published;
  bool than_gain; /* it is a static gain that it is not better than, surely */
  double fit;     /* percent; NAN: none */
  enum vr_provenance by; /* whose fit that is */
  double known, missing; /* seconds of truth, and how many more an
                            estimated model needs; 0: none */
};

/* The model of a counter that its standing is about: the first one that a
 * target with MinFit = MIN_FIT may publish, or the best one where there is
 * none. NULL: no model has an input. */
const struct vr_trained *vr_standing_model(const struct vr_counter_result *k,
                                           double min_fit);

/* How counter C of R stands for a target with MinFit = MIN_FIT, by that
 * model. */
void vr_standing_of(const struct vr_guest_result *r, enum vr_counter c,
                    double min_fit, struct vr_standing *ret);

/* Would more history help, of S's missing seconds? */
bool vr_standing_wants_history(const struct vr_standing *s);

/* "weak (34 %), 12 more minutes needed". */
void vr_standing_print(const struct vr_standing *s, FILE *f);

#endif
