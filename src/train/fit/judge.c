/* SPDX-License-Identifier: MIT */
#include "train/fit/judge.h"

#include "model/publishable.h"

#include <math.h>

bool vr_judge_beats_baselines_by(const struct vr_model *m, double margin) {
  return m->fit.free_run > vr_model_best_baseline(&m->baseline) + margin;
}

/* Squared error of PREDICTED over the known rows of block FOLD. */
static double block_error(const struct vr_features *f, unsigned fold,
                          const double *y, const double *predicted) {
  double sum = 0;
  for (size_t i = 0; i < f->rows; i++) {
    double e = predicted[i] - y[i];
    if (f->used[i] && f->fold[i] == fold && isfinite(e))
      sum += e * e;
  }
  return sum;
}

bool vr_judge_wins_most_blocks(const struct vr_features *f, const double *y,
                               const double *mean, const double *gain,
                               const double *predicted) {
  int wins = 0;
  for (unsigned k = 0; k < f->n_folds; k++) {
    double e = block_error(f, k, y, predicted);
    double of_gain = gain ? block_error(f, k, y, gain) : 0;
    wins += e < block_error(f, k, y, mean) && (of_gain == 0 || e < of_gain)
                ? 1
                : -1;
  }
  return wins > 0;
}
