/* SPDX-License-Identifier: MIT */
#include "train/fit/features.h"

#include "basic/cleanup.h"
#include "model/load_filter.h"

#include <errno.h>
#include <gsl/gsl_cblas.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MIN_ROWS = 60, CHUNK = 64 };

/* A column that is known less often than this is not there. */
#define MIN_KNOWN 0.8
/* The same for the truth, which comes from a guest that may be starved. */
#define MIN_TRUTH 0.3

/* Time constants of the candidate poles, in seconds; 0: no dynamics. */
static const double time_constants[] = {0, 1, 2, 4, 8, 20, 60, 180};

static double known_share(const double *x, size_t rows) {
  size_t known = 0;
  for (size_t i = 0; i < rows; i++)
    known += isfinite(x[i]) != 0;
  return rows ? (double)known / (double)rows : 0;
}

void vr_features_clear(struct vr_features *f) {
  free(f->recordings);
  for (size_t c = 0; c < VR_COUNTERS; c++)
    free(f->y[c]);
  for (size_t s = 0; f->sources && s < f->n_sources; s++)
    free(f->sources[s].u);
  free(f->sources);
  free(f->fold);
  free(f->used);
  for (size_t p = 0; p < VR_MAX_POLES; p++)
    for (size_t k = 0; k < VR_FOLDS; k++) {
      free(f->gram[p][k]);
      for (size_t c = 0; c < VR_COUNTERS; c++)
        free(f->unknown[c][p][k]);
    }
  *f = (struct vr_features){0};
}

static int lay_out(struct vr_features *f,
                   const struct vr_guest_data *const *data, size_t n) {
  f->step = data[0]->grid.step;
  f->n_recordings = n;
  f->recordings = calloc(n, sizeof(*f->recordings));
  if (!f->recordings)
    return -ENOMEM;
  for (size_t r = 0; r < n; r++) {
    f->recordings[r] = (struct vr_recording){.data = data[r], .first = f->rows};
    f->rows += data[r]->grid.rows;
  }
  f->fold = calloc(f->rows, sizeof(*f->fold));
  f->used = calloc(f->rows, sizeof(*f->used));
  return f->fold && f->used ? 0 : -ENOMEM;
}

/* Counter C of all recordings, divided by what the model divides it by. */
static int take_counter(struct vr_features *f, enum vr_counter c) {
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    if (!d->y[c] || known_share(d->y[c], d->grid.rows) < MIN_TRUTH)
      return 0;
  }
  double *y = calloc(f->rows, sizeof(*y));
  if (!y)
    return -ENOMEM;
  enum vr_per per = vr_counter_info(c)->per;
  for (size_t r = 0; r < f->n_recordings; r++)
    if (!isfinite(f->recordings[r].data->vcpus))
      per = VR_PER_ONE;
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    double divisor = per == VR_PER_VCPU ? d->vcpus : 1;
    for (size_t i = 0; i < d->grid.rows; i++)
      y[f->recordings[r].first + i] = d->y[c][i] / divisor;
  }
  f->counters[f->n_counters] = c;
  f->per[f->n_counters] = per;
  f->y[f->n_counters++] = y;
  return 0;
}

/* Gaps hold the value before them, as the live stream does. */
static void hold(double *u, size_t rows) {
  size_t first = 0;
  while (first < rows && !isfinite(u[first]))
    first++;
  for (size_t i = 0; i < first && first < rows; i++)
    u[i] = u[first];
  for (size_t i = first + 1; i < rows; i++)
    if (!isfinite(u[i]))
      u[i] = u[i - 1];
}

static int take_source(struct vr_features *f, size_t index) {
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    if (!d->u[index] || known_share(d->u[index], d->grid.rows) < MIN_KNOWN)
      return 0;
  }
  double *u = calloc(f->rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  f->sources[f->n_sources++] =
      (struct vr_feature_source){.index = index, .u = u};
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_recording *rec = &f->recordings[r];
    size_t rows = rec->data->grid.rows;
    double *to = u + rec->first;
    memcpy(to, rec->data->u[index], rows * sizeof(*u));
    for (size_t i = 0; i < rows; i++)
      if (!isfinite(to[i]))
        f->used[rec->first + i] = 0;
    hold(to, rows);
  }
  return 0;
}

static int take_columns(struct vr_features *f, unsigned origins) {
  memset(f->used, 1, f->rows);
  int r = 0;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    r = take_counter(f, (enum vr_counter)c);
  f->sources = calloc(vr_sources_count, sizeof(*f->sources));
  if (!f->sources)
    return -ENOMEM;
  for (size_t s = 0; r == 0 && s < vr_sources_count; s++)
    if (vr_sources[s].origin & origins)
      r = take_source(f, s);
  f->dim_x = 1 + f->n_sources * VR_FEATURE_LAGS + f->n_recordings;
  f->dim = f->dim_x + f->n_counters;
  return r;
}

/* What a recording began with is not known and not scored: two time constants
 * of the load average, but not more than a tenth of the recording. */
static void drop_first_rows(struct vr_features *f) {
  double most = 120 / f->step;
  for (size_t r = 0; r < f->n_recordings; r++)
    most = fmin(most, 0.1 * (double)f->recordings[r].data->grid.rows);
  f->skipped = (size_t)fmax(most, VR_FEATURE_LAGS);
  for (size_t r = 0; r < f->n_recordings; r++)
    for (size_t i = 0; i < f->skipped; i++)
      if (i < f->recordings[r].data->grid.rows)
        f->used[f->recordings[r].first + i] = 0;
}

bool vr_features_has_start(const struct vr_features *f, unsigned pole) {
  return pow(f->poles[pole], (double)f->skipped) > 0.02;
}

/* Blocks should be longer than most loads last. */
#define LONG_BLOCK 300.0 /* seconds */

/* Each fold is one block of every recording's time, or two apart, which see
 * more kinds of load: where both are long, or where one would not be, either.
 */
static void fold_by_time(struct vr_features *f) {
  f->n_folds = VR_FOLDS;
  for (size_t r = 0; r < f->n_recordings; r++) {
    size_t rows = f->recordings[r].data->grid.rows;
    double seconds = (double)rows * f->step;
    bool two =
        seconds >= 2 * VR_FOLDS * LONG_BLOCK || seconds < VR_FOLDS * LONG_BLOCK;
    size_t blocks = two ? 2 * VR_FOLDS : VR_FOLDS;
    f->cyclic = f->cyclic || blocks > VR_FOLDS;
    for (size_t i = 0; i < rows; i++)
      f->fold[f->recordings[r].first + i] =
          (unsigned char)(i * blocks / rows % VR_FOLDS);
  }
}

static void fold_by_recording(struct vr_features *f) {
  f->n_folds =
      f->n_recordings < VR_FOLDS ? (unsigned)f->n_recordings : VR_FOLDS;
  for (size_t r = 0; r < f->n_recordings; r++)
    for (size_t i = 0; i < f->recordings[r].data->grid.rows; i++)
      f->fold[f->recordings[r].first + i] = (unsigned char)(r % f->n_folds);
}

void vr_features_filter(const struct vr_features *f, size_t s, double pole,
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
  for (size_t r = 0; r < f->n_recordings; r++) {
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
    vr_features_filter(f, s, f->poles[p], x + s * f->rows);
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

static int compute(struct vr_features *f) {
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

int vr_features_build(const struct vr_guest_data *const *data, size_t n,
                      unsigned origins, bool by_recording,
                      struct vr_features *ret_features,
                      struct vr_error *ret_error) {
  struct vr_features f = {0};
  int r = lay_out(&f, data, n);
  if (r == 0)
    r = take_columns(&f, origins);
  size_t used = 0;
  if (r == 0) {
    drop_first_rows(&f);
    if (by_recording)
      fold_by_recording(&f);
    else
      fold_by_time(&f);
    for (size_t i = 0; i < f.rows; i++) {
      used += f.used[i];
    }
    if (used < MIN_ROWS || f.n_counters == 0)
      r = -ENODATA;
  }
  if (r == 0)
    r = compute(&f);
  if (r == -ENODATA)
    snprintf(ret_error->message, sizeof(ret_error->message),
             "guest %s: %zu of %zu rows are known on both sides, with %zu "
             "counters and %zu inputs; at least %d rows are needed",
             data[0]->guest, used, f.rows, f.n_counters, f.n_sources, MIN_ROWS);
  else if (r < 0)
    snprintf(ret_error->message, sizeof(ret_error->message), "guest %s: %s",
             data[0]->guest, strerror(-r));
  if (r < 0)
    vr_features_clear(&f);
  else
    *ret_features = f;
  return r;
}
