/* SPDX-License-Identifier: MIT
 *
 * Which inputs, with which delays, behind which pole: forward selection by the
 * free run on blocks of time that estimation did not see.
 */
#ifndef VR_TRAIN_FIT_CHOOSE_INPUTS_H
#define VR_TRAIN_FIT_CHOOSE_INPUTS_H

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

/* Chooses for counter C (index in features), looking only at the folds in the
 * bit set FOLDS. A choice without inputs is the mean: nothing was better. */
void vr_fit_select(const struct vr_features *f, size_t c, unsigned folds,
                   struct vr_choice *ret_choice);

/* Estimates CHOICE on the folds in FOLDS. Returns 0, -EDOM when collinear or
 * when a coefficient that must not be negative (load) is. */
int vr_fit_select_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice, unsigned folds,
                           struct vr_coefficients *ret);

/* The one source of the set ORIGINS with a single series whose static gain is
 * best on FOLDS themselves, leaving out sources that measure the counter
 * itself. Returns 0 or -ENOENT. */
int vr_fit_select_static_gain(const struct vr_features *f, size_t c,
                              unsigned origins, unsigned folds,
                              enum vr_accelerator accelerator,
                              struct vr_choice *ret_choice,
                              struct vr_coefficients *ret);

/* Mean, least and greatest value of source S over the used rows of FOLDS. */
void vr_fit_select_source_range(const struct vr_features *f, size_t s,
                                unsigned folds, double *ret_mean,
                                double *ret_min, double *ret_max);

/* Number of rows and mean of counter C over the used rows of FOLDS. */
double vr_fit_select_rows(const struct vr_features *f, size_t c,
                          unsigned folds);
double vr_fit_select_mean(const struct vr_features *f, size_t c,
                          unsigned folds);

#endif
