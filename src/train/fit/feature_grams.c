/* SPDX-License-Identifier: MIT */
#include "train/fit/feature_grams.h"

#include "basic/cleanup.h"
#include "model/load_filter.h"
#include "train/fit/products.h"
#include "train/share/share.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows that are filtered at a time. */
enum { PART = 64 };

/* Time constants of the candidate poles, in seconds; 0: no dynamics. */
static const double time_constants[] = {0, 1, 2, 4, 8, 20, 60, 180};

/* A walk over the rows behind one pole, part by part. */
struct walk {
  struct vr_features *f;
  unsigned pole;
  unsigned folds; /* a set */
  double
      *x; /* rows of filtered sources: the last few, then those of the part */
  struct vr_products all[VR_FOLDS];
  /* Of the rows where a counter is not known; begun when there is one. */
  struct vr_products unknown[VR_COUNTERS][VR_FOLDS];
};

static int walk_new(struct vr_features *f, unsigned pole, unsigned folds,
                    struct walk *w) {
  *w = (struct walk){.f = f, .pole = pole, .folds = folds};
  w->x = calloc((VR_FEATURE_LAGS + PART) * (f->n_sources + 1), sizeof(*w->x));
  int r = w->x ? 0 : -ENOMEM;
  for (unsigned k = 0; r == 0 && k < f->n_folds; k++)
    if (folds >> k & 1)
      r = vr_products_new(f->dim, &w->all[k]);
  return r;
}

static void walk_clear(struct walk *w) {
  free(w->x);
  for (unsigned k = 0; k < VR_FOLDS; k++) {
    vr_products_clear(&w->all[k]);
    for (size_t c = 0; c < VR_COUNTERS; c++)
      vr_products_clear(&w->unknown[c][k]);
  }
}

/* The filtered sources in row I of the part; negative: before it. */
static double *row_of(const struct walk *w, long i) {
  return w->x + (size_t)(i + VR_FEATURE_LAGS) * w->f->n_sources;
}

/* The sources of N rows from BEGIN on through (1 - p) / (1 - p q^-1); at rest
 * in the recording's first row. */
static void filter(struct walk *w, size_t begin, size_t n, bool at_rest) {
  double pole = w->f->poles[w->pole];
  size_t stride = w->f->n_sources;
  for (size_t s = 0; s < stride; s++) {
    const double *u = w->f->sources[s].u + begin;
    double *x = row_of(w, 0) + s;
    double last = at_rest ? u[0] : *(row_of(w, -1) + s);
    for (size_t i = 0; i < n; i++)
      x[i * stride] = last = pole * last + (1 - pole) * u[i];
  }
}

/* Row I of the part, which is of recording R and its row AGE, without the
 * counters. */
static void fill_inputs(const struct walk *w, size_t i, size_t r, size_t age,
                        double *row) {
  const struct vr_features *f = w->f;
  row[0] = 1;
  for (unsigned k = 0; k < VR_FEATURE_LAGS; k++) {
    const double *x = row_of(w, (long)i - (long)k);
    for (size_t s = 0; s < f->n_sources; s++)
      row[vr_feature_input(s, k)] = x[s];
  }
  for (size_t k = 0; k < f->n_starts; k++)
    row[vr_feature_start(f, k)] =
        k == r ? pow(f->poles[w->pole], (double)age) : 0;
}

/* ROW, of fold K, to the sums of counter C's unknown rows. */
static int add_unknown(struct walk *w, size_t c, unsigned k,
                       const double *row) {
  struct vr_products *g = &w->unknown[c][k];
  if (!g->rows && vr_products_new(w->f->dim_x, g) < 0)
    return -ENOMEM;
  memcpy(vr_products_row(g), row, w->f->dim_x * sizeof(*row));
  vr_products_add(g);
  return 0;
}

/* Row AT of all, in place I of the part. */
static int add_row(struct walk *w, size_t at, size_t i, size_t r, size_t age) {
  const struct vr_features *f = w->f;
  unsigned k = f->fold[at];
  int e = 0;
  if (!f->used[at] || !(w->folds >> k & 1))
    return 0;
  double *row = vr_products_row(&w->all[k]);
  fill_inputs(w, i, r, age, row);
  for (size_t c = 0; e == 0 && c < f->n_counters; c++) {
    bool known = isfinite(f->y[c][at]);
    row[vr_feature_output(f, c)] = known ? f->y[c][at] : 0;
    if (!known)
      e = add_unknown(w, c, k, row);
  }
  vr_products_add(&w->all[k]);
  return e;
}

/* Is any row of recording R in the folds? */
static bool is_wanted(const struct walk *w, const struct vr_recording *r) {
  for (size_t i = 0; i < r->data->grid.rows; i++)
    if (w->folds >> w->f->fold[r->first + i] & 1)
      return true;
  return false;
}

static int walk_over(struct walk *w, size_t r) {
  const struct vr_recording *rec = &w->f->recordings[r];
  size_t rows = rec->data->grid.rows, n;
  int e = 0;
  for (size_t begin = 0; e == 0 && begin < rows; begin += n) {
    n = rows - begin < PART ? rows - begin : PART;
    filter(w, rec->first + begin, n, begin == 0);
    for (size_t i = 0; e == 0 && i < n; i++)
      e = add_row(w, rec->first + begin + i, i, r, begin + i);
    /* A last part may be shorter than what is kept. */
    memmove(row_of(w, -VR_FEATURE_LAGS), row_of(w, (long)n - VR_FEATURE_LAGS),
            VR_FEATURE_LAGS * w->f->n_sources * sizeof(*w->x));
  }
  return e;
}

static void take(struct walk *w) {
  struct vr_features *f = w->f;
  for (unsigned k = 0; k < f->n_folds; k++) {
    if (!(w->folds >> k & 1))
      continue;
    f->gram[w->pole][k] = vr_products_take(&w->all[k]);
    for (size_t c = 0; c < f->n_counters; c++)
      if (w->unknown[c][k].rows)
        f->unknown[c][w->pole][k] = vr_products_take(&w->unknown[c][k]);
  }
}

/* The inner products behind POLE over each of FOLDS. */
static int build(struct vr_features *f, unsigned pole, unsigned folds) {
  vr_cleanup(walk_clear) struct walk w = {0};
  int r = walk_new(f, pole, folds, &w);
  for (size_t i = 0; r == 0 && i < f->n_recordings; i++)
    if (is_wanted(&w, &f->recordings[i]))
      r = walk_over(&w, i);
  if (r == 0)
    take(&w);
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

/* One recording's folds lie in one row of time; several recordings' are apart,
 * and so are the rounds. */
static bool is_apart(const struct vr_features *f) {
  return f->n_recordings > 1;
}

static int run_round(void *user, size_t i, struct vr_error *unused) {
  struct vr_features *f = user;
  (void)unused;
  return is_apart(f)
             ? build(f, (unsigned)(i / f->n_folds), 1u << i % f->n_folds)
             : build(f, (unsigned)i, vr_feature_folds(f));
}

static void pack_gram(struct vr_pack *p, size_t dim, double **gram) {
  vr_pack_array(p, (void **)gram, dim * dim, sizeof(**gram));
}

static void pack_round(void *user, size_t i, struct vr_pack *p) {
  struct vr_features *f = user;
  size_t pole = is_apart(f) ? i / f->n_folds : i;
  for (unsigned k = 0; k < f->n_folds; k++) {
    if (is_apart(f) && k != i % f->n_folds)
      continue;
    pack_gram(p, f->dim, &f->gram[pole][k]);
    for (size_t c = 0; c < f->n_counters; c++)
      pack_gram(p, f->dim_x, &f->unknown[c][pole][k]);
  }
}

int vr_feature_grams_compute(struct vr_features *f) {
  struct vr_error unused;
  choose_poles(f);
  const struct vr_share_loop loop = {.n = f->n_poles *
                                          (is_apart(f) ? f->n_folds : 1),
                                     .run = run_round,
                                     .pack = pack_round,
                                     .to_all = true,
                                     .user = f};
  return vr_share_run(&loop, &unused);
}
