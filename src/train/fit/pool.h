/* SPDX-License-Identifier: MIT
 *
 * Models for guests that were never seen: pooled over several guests, scored by
 * leaving one guest out at a time, with prediction intervals and their measured
 * coverage.
 */
#ifndef VR_TRAIN_FIT_POOL_H
#define VR_TRAIN_FIT_POOL_H

#include "train/fit/pool_intervals.h"

/* How many steps of progress pooling N guests takes. */
size_t vr_pool_steps(size_t n);

/* Fits of guests left out, and their mean; NAN where nothing is known. */
struct vr_pool_fits {
  double of[VR_POOL_MAX_GUESTS], mean;
};

/* One way of predicting one counter, for guests left out. */
struct vr_pool_row {
  bool known;
  enum vr_provenance provenance;
  double fit; /* over all guests, each when it was left out */
  struct vr_pool_fits by_guest;
  double one_step,
      reference_fit; /* the same one step ahead, and of the reference orders
                   on the same inputs; NAN for a definition */
  double mean_fit, gain_fit; /* baselines, estimated on the other guests */
  struct vr_pool_interval interval;
};

struct vr_pool_counter {
  enum vr_counter counter;
  bool has_model;
  bool ordered;          /* the model is of the orders given, if any were */
  struct vr_model model; /* pooled over all guests, for "*", generic; owned */
  char inputs[128];
  struct vr_pool_row inferred, definition;
  struct vr_pool_fits calibrated; /* the law, with weights of other guests */
};

struct vr_pool {
  size_t n_guests;
  char **guests;
  double step;
  struct vr_pool_counter counters[VR_COUNTERS];
};

/* Pools N sets of data, at least 2, of one step and accelerator. Returns 0 or a
 * negative errno with *ret_error filled. */
int vr_pool_train(const struct vr_guest_data *const *data, size_t n,
                  const struct vr_train_options *options,
                  struct vr_pool *ret_pool, struct vr_error *ret_error);
void vr_pool_clear(struct vr_pool *p);

#endif
