/* SPDX-License-Identifier: MIT */
#include "train/fit/judge.h"

#include "model/publishable.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define MARGIN_OF_BUFFERS 10.0

double vr_judge_margin(enum vr_counter c) {
  return c == VR_BUFFERS ? MARGIN_OF_BUFFERS : VR_JUDGE_MARGIN;
}

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

/* The advantage of PREDICTED over BASELINE in the rows [FIRST, END), and how
 * many of them are known. */
static size_t block_advantage(const unsigned char *used, size_t first,
                              size_t end, const double *y,
                              const double *baseline, const double *predicted,
                              double *ret) {
  size_t n = 0;
  double sum = 0;
  for (size_t i = first; i < end; i++) {
    double of_model = predicted[i] - y[i], of_baseline = baseline[i] - y[i];
    if ((used && !used[i]) || !isfinite(of_model) || !isfinite(of_baseline))
      continue;
    sum += of_baseline * of_baseline - of_model * of_model;
    n++;
  }
  *ret = sum;
  return n;
}

#define CONFIDENCE 0.90

void vr_judge_add(struct vr_judge_sums *s, const unsigned char *used,
                  size_t first, size_t rows, const double *y,
                  const double *other, const double *predicted, size_t block) {
  for (; first < rows; first += block) {
    size_t end = first + block < rows ? first + block : rows;
    double d;
    size_t known = block_advantage(used, first, end, y, other, predicted, &d);
    if (2 * known < block)
      continue;
    d /= (double)known;
    s->n++;
    s->sum += d;
    s->squares += d * d;
  }
}

bool vr_judge_is_sure(const struct vr_judge_sums *s) {
  if (s->n < VR_JUDGE_MIN_BLOCKS)
    return false;
  double mean = s->sum / s->n;
  double error = sqrt(fmax(s->squares / s->n - mean * mean, 0) / (s->n - 1));
  return mean > gsl_cdf_tdist_Pinv(CONFIDENCE, s->n - 1) * error;
}

bool vr_judge_is_better(const unsigned char *used, size_t first, size_t rows,
                        const double *y, const double *other,
                        const double *predicted, size_t block) {
  struct vr_judge_sums s = {0};
  vr_judge_add(&s, used, first, rows, y, other, predicted, block);
  return vr_judge_is_sure(&s);
}

static bool confident(const struct vr_features *f, const double *y,
                      const double *baseline, const double *predicted,
                      size_t block) {
  return vr_judge_is_better(f->used, 0, f->rows, y, baseline, predicted, block);
}

static bool is_known(const struct vr_features *f, const double *x) {
  for (size_t i = 0; x && i < f->rows; i++)
    if (f->used[i] && isfinite(x[i]))
      return true;
  return false;
}

bool vr_judge_is_confident(const struct vr_features *f, const double *y,
                           const double *mean, const double *gain,
                           const double *predicted, size_t block) {
  return confident(f, y, mean, predicted, block) &&
         (!is_known(f, gain) || confident(f, y, gain, predicted, block));
}
