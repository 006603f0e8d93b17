/* SPDX-License-Identifier: MIT
 *
 * What a model of one counter is made of: a pole, inputs with their delays, and
 * coefficients.
 */
#ifndef VR_TRAIN_FIT_CHOICE_H
#define VR_TRAIN_FIT_CHOICE_H

#include "train/fit/features.h"

enum { VR_MAX_INPUTS = 4, VR_MAX_TERMS = VR_MAX_INPUTS * VR_FEATURE_LAGS };

/* y = constant + sum over inputs and lags of theta x(t - lag), x the source
 * filtered by the pole. */
struct vr_choice {
  unsigned pole; /* index in features */
  unsigned n_inputs;
  struct {
    size_t source; /* index in features */
    unsigned nk, nb;
  } inputs[VR_MAX_INPUTS];
  double cv_fit; /* free-run fit on the held-out blocks, percent */
};

struct vr_coefficients {
  double constant;
  double theta[VR_MAX_TERMS]; /* input by input, lag by lag */
};

#endif
