/* SPDX-License-Identifier: MIT
 *
 * Models for guests that were never seen: pooled over several guests, scored by
 * leaving guests out, with prediction intervals and their measured coverage.
 */
#ifndef VR_TRAIN_FIT_POOL_H
#define VR_TRAIN_FIT_POOL_H

#include "train/fit/pool_model.h"

/* How many steps of progress pooling N guests takes. */
size_t vr_pool_steps(size_t n);

struct vr_pool_counter {
  enum vr_counter counter;
  struct vr_pool_row definition;
  struct vr_pool_fits calibrated; /* the law, with weights of other guests */
  /* From all that the host knows of its guests: where all have a balloon, and
   * the like. Only of counters without a definition, and where it does better
   * on guests left out. */
  struct vr_pool_model assisted;
  struct vr_pool_model inferred; /* from the VM process's counters alone */
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
