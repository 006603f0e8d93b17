/* SPDX-License-Identifier: MIT */
#include "train/data/totals.h"

#include <math.h>
#include <stdbool.h>

static const double QUIET = 0.05; /* of the mean */

struct sums {
  double y, yhat, n;
};

static struct sums sum(const double *y, const double *yhat, size_t from,
                       size_t end) {
  struct sums s = {0};
  for (size_t i = from; i < end; i++)
    if (isfinite(y[i]) && isfinite(yhat[i])) {
      s.y += y[i];
      s.yhat += yhat[i];
      s.n++;
    }
  return s;
}

double vr_totals_mean_of_known(const double *x, size_t rows) {
  double n = 0, sum = 0;
  for (size_t i = 0; i < rows; i++)
    if (isfinite(x[i])) {
      n++;
      sum += x[i];
    }
  return n > 0 ? sum / n : NAN;
}

static bool quiet(double x, double total, double n) {
  return fabs(x) * n <= QUIET * fabs(total);
}

double vr_totals_ratio(const double *y, const double *yhat, size_t first,
                       size_t rows) {
  struct sums all = sum(y, yhat, first, rows);
  size_t begin = rows, end = first;
  for (size_t i = 0; i < rows; i++)
    if (quiet(y[i], all.y, all.n) && quiet(yhat[i], all.yhat, all.n)) {
      if (i <= first || begin == rows)
        begin = i;
      end = i + 1;
    }
  if (begin + (rows - first) / 2 < end)
    all = sum(y, yhat, begin, end);
  return all.y > 0 ? all.yhat / all.y : NAN;
}
