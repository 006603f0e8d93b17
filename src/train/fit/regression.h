/* SPDX-License-Identifier: MIT
 *
 * Ridge regression of one counter on some columns of the features, from their
 * inner products alone.
 */
#ifndef VR_TRAIN_FIT_REGRESSION_H
#define VR_TRAIN_FIT_REGRESSION_H

#include "train/fit/choice.h"

#include <stdbool.h>

/* Inputs, and the unknown starts of recordings. */
enum { VR_MAX_COLUMNS = VR_MAX_TERMS + VR_MAX_STARTS };

/* One counter's regressions. */
struct vr_regression {
  const struct vr_features *f;
  size_t c; /* index of the counter */
  size_t y; /* its column */
};

struct vr_regression_columns {
  size_t n;
  size_t index[VR_MAX_COLUMNS];
};

struct vr_regression vr_regression_of(const struct vr_features *f, size_t c);

/* Inner product of columns I and J over FOLDS, where the counter is known. */
double vr_regression_inner(const struct vr_regression *p, unsigned pole,
                           unsigned folds, size_t i, size_t j);

/* The columns of the inputs of CHOICE. */
void vr_regression_columns(const struct vr_choice *choice,
                           struct vr_regression_columns *ret);

/* Ridge regression on INPUTS, a constant and the starts, over FOLDS. False
 * where there are too few rows, or a column is constant or follows from the
 * others. */
bool vr_regression_solve(const struct vr_regression *p, unsigned pole,
                         unsigned folds,
                         const struct vr_regression_columns *inputs,
                         struct vr_coefficients *ret);

/* Squared error of the coefficients B over FOLDS. */
double vr_regression_error(const struct vr_regression *p, unsigned pole,
                           unsigned folds,
                           const struct vr_regression_columns *c,
                           const struct vr_coefficients *b);

/* More running, more load: may the coefficients B stand? One below 0 is
 * nonsense there. */
bool vr_regression_allows(const struct vr_regression *p,
                          const struct vr_regression_columns *columns,
                          const struct vr_coefficients *b);

/* Estimates CHOICE on the folds in FOLDS. Returns 0, -EDOM when collinear or
 * when a coefficient that must not be negative (load) is. */
int vr_regression_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice, unsigned folds,
                           struct vr_coefficients *ret);

#endif
