/* SPDX-License-Identifier: MIT
 *
 * The pooled model of one counter, from features of all guests and what leaving
 * them out gave.
 */
#ifndef VR_TRAIN_FIT_POOL_MODEL_H
#define VR_TRAIN_FIT_POOL_MODEL_H

#include "train/fit/pool_intervals.h"

/* Fits of guests left out, and their mean; NAN where nothing is known. */
struct vr_pool_fits {
  double *of; /* owned; NULL: none */
  double mean;
};
void vr_pool_fits_clear(struct vr_pool_fits *f);

/* One way of predicting one counter, for guests left out. */
struct vr_pool_row {
  bool known;
  enum vr_provenance provenance;
  double fit; /* over all guests, each when it was left out */
  double one_step,
      reference_fit; /* the same one step ahead, and of the reference orders
                   on the same inputs; NAN for a definition */
  /* Against what the samples of a level would be on average; NAN: not known. */
  double expected_fit, mean_expected, gain_expected;
  double mean_fit, gain_fit; /* baselines, estimated on the other guests */
  struct vr_pool_fits by_guest;
  struct vr_pool_interval interval;
};

/* A model pooled over all guests, for "*", generic. */
struct vr_pool_model {
  bool is_there;
  bool ordered;          /* it is of the orders given, if any were */
  struct vr_model model; /* owned */
  char inputs[128];
  struct vr_pool_row row;
  enum vr_way way; /* how it predicts */
  /* What was predicted for each guest when it was left out, on the rows of its
   * grid, one guest after the other; owned. */
  size_t n_left;
  double *left;
};

void vr_pool_row_clear(struct vr_pool_row *row);

/* The fits of each guest by way W. Returns 0 or -ENOMEM. */
int vr_pool_fits_fill(const struct vr_left_out *l, enum vr_counter c,
                      enum vr_way w, struct vr_pool_fits *ret);

/* What way W of counter C did on guests left out. Returns 0 or -ENOMEM. */
int vr_pool_row_fill(const struct vr_left_out *l, enum vr_counter c,
                     enum vr_way w, enum vr_provenance provenance,
                     struct vr_pool_row *row);

/* What is not the first choice, a static gain in a model's place and devices'
 * and balloons' series, takes so many guests: of two, each says of the other
 * only that they are alike. */
enum { VR_POOL_ENOUGH = 3 };

/* The model of counter C (index in F): what is inferred, or, where that is not
 * to be published, but a static gain is, that gain. Returns 0 or a negative
 * errno. */
int vr_pool_model_of(const struct vr_left_out *l, const struct vr_features *f,
                     size_t c, const struct vr_train_options *options,
                     struct vr_pool_model *k);

void vr_pool_model_clear(struct vr_pool_model *k);

#endif
