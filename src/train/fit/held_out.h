/* SPDX-License-Identifier: MIT
 *
 * What models that did not see a block of time predict for it: of one counter,
 * by each of the ways that are compared.
 */
#ifndef VR_TRAIN_FIT_HELD_OUT_H
#define VR_TRAIN_FIT_HELD_OUT_H

#include "train/fit/features.h"
#include "train/fit/train_options.h"

#include <stdbool.h>

/* Held-out predictions row by row. */
struct vr_held_out {
  double *model, *mean, *gain; /* rows each */
  double *one_step;            /* of the model, from measured past outputs */
  double *reference;           /* of the reference orders */
  double *run, *scratch;
  bool ordered; /* the orders given could be estimated wherever it was tried */
};

/* All NAN, for ROWS rows. Returns 0 or -ENOMEM. */
int vr_held_out_new(size_t rows, struct vr_held_out *h);
void vr_held_out_clear(struct vr_held_out *h);

/* Predicts each block of F's time by what is estimated on the others, for
 * counter C (index in F). Returns 0 or a negative errno. */
int vr_held_out_predict(const struct vr_features *f, size_t c,
                        const struct vr_train_options *options,
                        struct vr_held_out *h);

/* Baselines in the counter's own unit, estimated on everything, with the fits
 * that they had on held-out blocks. Returns 0 or -ENOMEM. */
int vr_held_out_baseline(const struct vr_features *f, size_t c,
                         const struct vr_held_out *h,
                         struct vr_model_baseline *ret);

#endif
