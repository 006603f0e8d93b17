/* SPDX-License-Identifier: MIT
 *
 * A trained model of one counter of one guest.
 */
#ifndef VR_TRAIN_FIT_TRAINED_H
#define VR_TRAIN_FIT_TRAINED_H

#include "train/data/guest_data.h"

#include <stdbool.h>

/* A model of one counter, and what is reported of it. */
struct vr_trained {
  bool is_there;
  struct vr_model model; /* owned */
  char inputs[128];      /* by name; "" for a definition */
  double reference_fit;  /* of the reference orders on its inputs; NAN: too
                            little  data */
  /* Of a model that was judged twice: its baselines against expected values. */
  double mean_expected, gain_expected;
  /* What it gives in free run and one step ahead, held out where it was
   * estimated here, on the data's rows; and which of them are used. Owned;
   * NULL: not kept. */
  double *free_run, *one_step;
  unsigned char *used;
};
void vr_trained_clear(struct vr_trained *t);

/* Lets go of what it gives row by row. */
void vr_trained_let_go(struct vr_trained *t);

/* Keeps ROWS values of FREE_RUN, ONE_STEP (may be NULL) and USED. Returns 0 or
 * -ENOMEM. */
int vr_trained_keep(struct vr_trained *t, const double *free_run,
                    const double *one_step, const unsigned char *used,
                    size_t rows);

#endif
