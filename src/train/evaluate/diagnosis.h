/* SPDX-License-Identifier: MIT
 *
 * What correlation analysis shows of a model of one guest: when each input is
 * seen in the counter, and what is left over one step ahead. Of both only what
 * lies outside the 99 % bands counts.
 */
#ifndef VR_TRAIN_EVALUATE_DIAGNOSIS_H
#define VR_TRAIN_EVALUATE_DIAGNOSIS_H

#include "sysid/residual.h"
#include "sysid/xcorr.h"
#include "train/data/guest_data.h"

#include <complex.h>

struct vr_diagnosis_input {
  const char *name; /* of its source, or else its first signal; borrowed */
  bool has_delay;
  struct vr_xcorr delay; /* to the counter, prewhitened */
  double *covariance;    /* with the counter, neither made white, at the lags of
                            DELAY's r; NULL without a delay */
  double covariance_scale; /* by which it becomes a correlation */
  unsigned n_zeros;
  double complex *zeros;
};

struct vr_diagnosis {
  unsigned n_inputs;
  struct vr_diagnosis_input *inputs; /* as the model's */
  unsigned n_poles;
  double complex *poles;
  bool has_residuals;
  struct vr_residual_test residuals;
};
void vr_diagnosis_clear(struct vr_diagnosis *x);

/* Diagnoses MODEL, whose predictions one step ahead are PREDICTED (grid rows;
 * those of models that did not see the row), over the rows in USED. What there
 * is too little data for, or a constant, is left out. Borrows from MODEL.
 * Returns 0 or -ENOMEM. */
int vr_evaluate_diagnose(const struct vr_guest_data *d,
                         const struct vr_model *model, const double *predicted,
                         const unsigned char *used, struct vr_diagnosis *ret);

#endif
