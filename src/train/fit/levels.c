/* SPDX-License-Identifier: MIT */
#include "train/fit/levels.h"

#include "model/fit.h"

#include <math.h>

void vr_levels_judge(const struct vr_guest_data *d, const unsigned char *used,
                     const double *predicted, const double *mean,
                     const double *gain, int format, struct vr_trained *t) {
  struct vr_model_fit *fit = &t->model.fit;
  enum vr_counter c = t->model.counter;
  const double *expected = d->expected[c];
  size_t rows = d->grid.rows;
  if (!t->is_there || !expected || format < VR_MODEL_FILE_VERSION)
    return;
  fit->snapshot = vr_model_fit_of(d->snapshot[c], predicted, used, rows);
  fit->expected = vr_model_fit_of(expected, predicted, used, rows);
  fit->judged_twice = isfinite(fit->expected);
  t->mean_expected = vr_model_fit_of(expected, mean, used, rows);
  t->gain_expected = gain ? vr_model_fit_of(expected, gain, used, rows) : NAN;
}
