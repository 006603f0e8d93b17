/* SPDX-License-Identifier: MIT
 *
 * How models are trained.
 */
#ifndef VR_TRAIN_FIT_TRAIN_OPTIONS_H
#define VR_TRAIN_FIT_TRAIN_OPTIONS_H

#include "model/model.h"
#include "sysid/given_orders.h"

#include <stdbool.h>
#include <stddef.h>

/* Receives how far a long run is, from any thread. */
struct vr_train_progress {
  void (*add)(void *data, size_t n);          /* N more are done */
  void (*line)(void *data, const char *text); /* what a count does not show */
  void *data;
};

struct vr_train_options {
  struct vr_given_orders orders;
  /* Models learned elsewhere, which may do better here; NULL: none. Not tried
   * when orders are given. */
  const struct vr_model_set *known;
  const struct vr_train_progress *progress; /* NULL: nobody */
  bool silent;                              /* what is wrong was said before */
  bool brief; /* what is only shown in detail is left out: reference orders */
  /* The models are only run, to confirm others: no intervals are theirs */
  bool rehearsal;
  vr_counter_set unwanted; /* counters that are left out */
  int format; /* the version of model files that must be able to hold them */
};

static inline void vr_train_add_progress(const struct vr_train_options *o,
                                         size_t n) {
  if (o->progress)
    o->progress->add(o->progress->data, n);
}

#endif
