/* SPDX-License-Identifier: MIT */
#include "train/fit/feature_grams.h"

#include "basic/cleanup.h"
#include "model/load_filter.h"

#include <errno.h>
#include <gsl/gsl_cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 };

/* Time constants of the candidate poles, in seconds; 0: no dynamics. */
static const double time_constants[] = {0, 1, 2, 4, 8, 20, 60, 180};

/* Source S of F through (1 - p) / (1 - p q^-1), at rest at first; RET holds
 * f->rows values. */
static void filter(const struct vr_features *f, size_t s, double pole,
                   double *ret) {
  const double *u = f->sources[s].u;
  for (size_t r = 0; r < f->n_recordings; r++) {
    size_t begin = f->recordings[r].first;
    size_t end = begin + f->recordings[r].data->grid.rows;
    double x = begin < end ? u[begin] : 0;
    for (size_t i = begin; i < end; i++)
      ret[i] = x = pole * x + (1 - pole) * u[i];
  }
}

/* Row I of the columns; X holds the filtered sources, one after the other. */
static void fill_row(const struct vr_features *f, const double *x, double pole,
                     size_t i, double *row) {
  row[0] = 1;
  for (size_t c = 0; c < f->n_counters; c++)
    row[vr_feature_output(f, c)] = isfinite(f->y[c][i]) ? f->y[c][i] : 0;
  for (size_t s = 0; s < f->n_sources; s++)
    for (unsigned k = 0; k < VR_FEATURE_LAGS; k++)
      row[vr_feature_input(s, k)] = x[s * f->rows + i - k];
  for (size_t r = 0; r < f->n_starts; r++) {
    size_t age = i - f->recordings[r].first;
    bool inside =
        i >= f->recordings[r].first && age < f->recordings[r].data->grid.rows;
    row[vr_feature_start(f, r)] = inside ? pow(pole, (double)age) : 0;
  }
}

/* Rows waiting to be added to a matrix of inner products. */
struct chunk {
  size_t n, dim;
  double *rows;
  double *gram;
};

static void flush(struct chunk *c) {
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)c->dim, (int)c->n, 1,
              c->rows, (int)c->dim, 1, c->gram, (int)c->dim);
  c->n = 0;
}

static void add_row(struct chunk *c, const double *row) {
  memcpy(c->rows + c->n++ * c->dim, row, c->dim * sizeof(*row));
  if (c->n == CHUNK)
    flush(c);
}

static void finish(struct chunk *c) {
  flush(c);
  for (size_t i = 0; i < c->dim; i++)
    for (size_t j = 0; j < i; j++)
      c->gram[i * c->dim + j] = c->gram[j * c->dim + i];
}

/* Inner products over fold K; of the rows where counter C is not known, or of
 * all when C is not below n_counters. *ret_gram is NULL when there is none. */
static int build_gram(const struct vr_features *f, const double *x, unsigned p,
                      unsigned k, size_t c, double *work, double **ret_gram) {
  bool all = c >= f->n_counters;
  struct chunk chunk = {.dim = all ? f->dim : f->dim_x, .rows = work + f->dim};
  for (size_t i = 0; i < f->rows; i++) {
    if (!f->used[i] || f->fold[i] != k || (!all && isfinite(f->y[c][i])))
      continue;
    if (!chunk.gram)
      chunk.gram = calloc(chunk.dim * chunk.dim, sizeof(double));
    if (!chunk.gram)
      return -ENOMEM;
    fill_row(f, x, f->poles[p], i, work);
    add_row(&chunk, work);
  }
  if (chunk.gram)
    finish(&chunk);
  else if (all && !(chunk.gram = calloc(f->dim * f->dim, sizeof(double))))
    return -ENOMEM;
  *ret_gram = chunk.gram;
  return 0;
}

static int build_grams(struct vr_features *f, unsigned p, double *x,
                       double *work) {
  for (size_t s = 0; s < f->n_sources; s++)
    filter(f, s, f->poles[p], x + s * f->rows);
  int r = 0;
  for (unsigned k = 0; r == 0 && k < f->n_folds; k++) {
    r = build_gram(f, x, p, k, f->n_counters, work, &f->gram[p][k]);
    for (size_t c = 0; r == 0 && c < f->n_counters; c++)
      r = build_gram(f, x, p, k, c, work, &f->unknown[c][p][k]);
  }
  return r;
}

static void choose_poles(struct vr_features *f) {
  const size_t n = sizeof(time_constants) / sizeof(time_constants[0]);
  f->load_pole = 0;
  f->poles[f->n_poles++] = vr_load_filter_decay(VR_LOAD_1MIN, f->step);
  for (size_t i = 0; i < n; i++) {
    /* Faster than the step is no dynamics at all. */
    if (time_constants[i] > 0 && time_constants[i] < 0.5 * f->step)
      continue;
    if (time_constants[i] == 0)
      f->static_pole = f->n_poles;
    f->poles[f->n_poles++] =
        time_constants[i] > 0 ? exp(-f->step / time_constants[i]) : 0;
  }
}

int vr_feature_grams_compute(struct vr_features *f) {
  vr_auto_free double *x = calloc(f->n_sources * f->rows + 1, sizeof(*x));
  vr_auto_free double *work = calloc((1 + CHUNK) * f->dim, sizeof(*work));
  if (!x || !work)
    return -ENOMEM;
  choose_poles(f);
  int r = 0;
  for (unsigned p = 0; r == 0 && p < f->n_poles; p++)
    r = build_grams(f, p, x, work);
  return r;
}
