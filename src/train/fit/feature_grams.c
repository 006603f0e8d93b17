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

/* The sums of rows that are of one fold, and of one of the other features'. */
struct cell {
  struct vr_products all;
  /* Of the rows where a counter is not known; begun when there is one. */
  struct vr_products unknown[VR_COUNTERS];
};

enum { CELLS = VR_FOLDS * (VR_FOLDS + 1) };

/* A walk over the rows behind one pole, part by part. */
struct walk {
  struct vr_features *f;
  struct vr_features *early; /* of the first rows of the same; NULL: none */
  unsigned pole;
  unsigned folds; /* a set */
  double
      *x; /* rows of filtered sources: the last few, then those of the part */
  struct cell *cells;
};

static int walk_new(struct vr_features *f, struct vr_features *early,
                    unsigned pole, unsigned folds, struct walk *w) {
  *w = (struct walk){.f = f, .early = early, .pole = pole, .folds = folds};
  w->x = calloc((VR_FEATURE_LAGS + PART) * (f->n_sources + 1), sizeof(*w->x));
  w->cells = calloc(CELLS, sizeof(*w->cells));
  return w->x && w->cells ? 0 : -ENOMEM;
}

static void walk_clear(struct walk *w) {
  free(w->x);
  for (unsigned k = 0; w->cells && k < CELLS; k++) {
    vr_products_clear(&w->cells[k].all);
    for (size_t c = 0; c < VR_COUNTERS; c++)
      vr_products_clear(&w->cells[k].unknown[c]);
  }
  free(w->cells);
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

/* The cell of row AT. */
static unsigned cell_of(const struct walk *w, size_t at) {
  unsigned k = w->f->fold[at];
  return w->early && at < w->early->rows
             ? k + VR_FOLDS * (1u + w->early->fold[at])
             : k;
}

/* ROW to the sums of counter C's unknown rows. */
static int add_unknown(const struct walk *w, size_t c, struct cell *cell,
                       const double *row) {
  struct vr_products *g = &cell->unknown[c];
  if (!g->rows && vr_products_new(w->f->dim_x, g) < 0)
    return -ENOMEM;
  memcpy(vr_products_row(g), row, w->f->dim_x * sizeof(*row));
  vr_products_add(g);
  return 0;
}

/* Row AT of all, in place I of the part. */
static int add_row(struct walk *w, size_t at, size_t i, size_t r, size_t age) {
  const struct vr_features *f = w->f;
  struct cell *cell = &w->cells[cell_of(w, at)];
  int e = 0;
  if (!f->used[at] || !(w->folds >> f->fold[at] & 1))
    return 0;
  if (!cell->all.rows && vr_products_new(f->dim, &cell->all) < 0)
    return -ENOMEM;
  double *row = vr_products_row(&cell->all);
  fill_inputs(w, i, r, age, row);
  for (size_t c = 0; e == 0 && c < f->n_counters; c++) {
    bool known = isfinite(f->y[c][at]);
    row[vr_feature_output(f, c)] = known ? f->y[c][at] : 0;
    if (!known)
      e = add_unknown(w, c, cell, row);
  }
  vr_products_add(&cell->all);
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

/* M, DIM x DIM, to *TO, which is made where it is not there. */
static int add_matrix(size_t dim, const double *m, double **to) {
  if (!*to)
    *to = calloc(dim * dim, sizeof(**to));
  for (size_t i = 0; *to && i < dim * dim; i++)
    (*to)[i] += m[i];
  return *to ? 0 : -ENOMEM;
}

/* What P has summed to fold K of F: to the rows where counter C is not known;
 * n_counters: to all. */
static int add_sums(struct vr_features *f, unsigned pole, unsigned k, size_t c,
                    const double *m) {
  return c < f->n_counters ? add_matrix(f->dim_x, m, &f->unknown[c][pole][k])
                           : add_matrix(f->dim, m, &f->gram[pole][k]);
}

static int take_products(struct walk *w, unsigned cell, size_t c,
                         struct vr_products *p) {
  if (!p->rows)
    return 0;
  vr_auto_free double *m = vr_products_take(p);
  int r = add_sums(w->f, w->pole, cell % VR_FOLDS, c, m);
  if (r == 0 && cell >= VR_FOLDS)
    r = add_sums(w->early, w->pole, cell / VR_FOLDS - 1, c, m);
  return r;
}

/* A fold without rows has sums, too. */
static int begin_sums(struct vr_features *f, unsigned pole, unsigned folds) {
  for (unsigned k = 0; k < f->n_folds; k++)
    if (folds >> k & 1) {
      f->gram[pole][k] = calloc(f->dim * f->dim, sizeof(double));
      if (!f->gram[pole][k])
        return -ENOMEM;
    }
  return 0;
}

static int take(struct walk *w) {
  size_t n = w->f->n_counters;
  int r = begin_sums(w->f, w->pole, w->folds);
  if (r == 0 && w->early)
    r = begin_sums(w->early, w->pole, vr_feature_folds(w->early));
  for (unsigned k = 0; r == 0 && k < CELLS; k++) {
    r = take_products(w, k, n, &w->cells[k].all);
    for (size_t c = 0; r == 0 && c < n; c++)
      r = take_products(w, k, c, &w->cells[k].unknown[c]);
  }
  return r;
}

/* The inner products behind POLE over each of FOLDS. */
static int build(struct vr_features *f, struct vr_features *early,
                 unsigned pole, unsigned folds) {
  vr_cleanup(walk_clear) struct walk w = {0};
  int r = walk_new(f, early, pole, folds, &w);
  for (size_t i = 0; r == 0 && i < f->n_recordings; i++)
    if (is_wanted(&w, &f->recordings[i]))
      r = walk_over(&w, i);
  return r < 0 ? r : take(&w);
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

/* What is computed at once. */
struct both {
  struct vr_features *f, *early;
};

static int run_round(void *user, size_t i, struct vr_error *unused) {
  const struct both *b = user;
  struct vr_features *f = b->f;
  (void)unused;
  return is_apart(f)
             ? build(f, NULL, (unsigned)(i / f->n_folds), 1u << i % f->n_folds)
             : build(f, b->early, (unsigned)i, vr_feature_folds(f));
}

static void pack_gram(struct vr_pack *p, size_t dim, double **gram) {
  vr_pack_array(p, (void **)gram, dim * dim, sizeof(**gram));
}

static void pack_fold(struct vr_features *f, size_t pole, unsigned k,
                      struct vr_pack *p) {
  pack_gram(p, f->dim, &f->gram[pole][k]);
  for (size_t c = 0; c < f->n_counters; c++)
    pack_gram(p, f->dim_x, &f->unknown[c][pole][k]);
}

static void pack_round(void *user, size_t i, struct vr_pack *p) {
  const struct both *b = user;
  struct vr_features *f = b->f;
  size_t pole = is_apart(f) ? i / f->n_folds : i;
  for (unsigned k = 0; k < f->n_folds; k++)
    if (!is_apart(f) || k == i % f->n_folds)
      pack_fold(f, pole, k, p);
  for (unsigned k = 0; b->early && k < b->early->n_folds; k++)
    pack_fold(b->early, pole, k, p);
}

/* Are EARLY's rows the first ones of F's, with the same columns? */
static bool begins_as(const struct vr_features *early,
                      const struct vr_features *f) {
  if (f->n_recordings != 1 || early->n_recordings != 1 ||
      early->rows > f->rows || early->n_sources != f->n_sources ||
      early->n_counters != f->n_counters ||
      memcmp(early->used, f->used, early->rows) != 0)
    return false;
  for (size_t s = 0; s < f->n_sources; s++)
    if (early->sources[s].index != f->sources[s].index)
      return false;
  for (size_t c = 0; c < f->n_counters; c++)
    if (early->counters[c] != f->counters[c] || early->per[c] != f->per[c])
      return false;
  return true;
}

int vr_feature_grams_compute(struct vr_features *f, struct vr_features *early) {
  struct vr_error unused;
  struct both both = {f, early && begins_as(early, f) ? early : NULL};
  choose_poles(f);
  if (both.early)
    choose_poles(early);
  const struct vr_share_loop loop = {.n = f->n_poles *
                                          (is_apart(f) ? f->n_folds : 1),
                                     .run = run_round,
                                     .pack = pack_round,
                                     .to_all = true,
                                     .user = &both};
  return vr_share_run(&loop, &unused);
}

/* --- out of those of more sources --- */

/* Where F's columns are among WHOLE's; false where it has others, or rows. */
static bool find_columns(const struct vr_features *f,
                         const struct vr_features *whole, size_t *ret) {
  if (f->n_recordings != 1 || whole->n_recordings != 1 ||
      f->rows != whole->rows || f->n_counters != whole->n_counters ||
      f->n_starts != whole->n_starts ||
      memcmp(f->used, whole->used, f->rows) != 0 ||
      memcmp(f->fold, whole->fold, f->rows) != 0)
    return false;
  ret[0] = 0;
  for (size_t s = 0, w = 0; s < f->n_sources; s++, w++) {
    while (w < whole->n_sources &&
           whole->sources[w].index != f->sources[s].index)
      w++;
    if (w == whole->n_sources)
      return false;
    for (unsigned k = 0; k < VR_FEATURE_LAGS; k++)
      ret[vr_feature_input(s, k)] = vr_feature_input(w, k);
  }
  for (size_t i = vr_feature_start(f, 0); i < f->dim; i++)
    ret[i] = i + whole->dim - f->dim;
  for (size_t c = 0; c < f->n_counters; c++)
    if (f->counters[c] != whole->counters[c] || f->per[c] != whole->per[c])
      return false;
  return true;
}

/* The columns AT of M, which is WIDE x WIDE; NULL where there is none. */
static int cut(const double *m, size_t wide, const size_t *at, size_t dim,
               double **ret) {
  if (!m)
    return 0;
  double *part = malloc((dim * dim + 1) * sizeof(*part));
  if (!part)
    return -ENOMEM;
  for (size_t i = 0; i < dim; i++)
    for (size_t j = 0; j < dim; j++)
      part[i * dim + j] = m[at[i] * wide + at[j]];
  *ret = part;
  return 0;
}

int vr_feature_grams_cut(const struct vr_features *whole,
                         struct vr_features *f) {
  vr_auto_free size_t *at = calloc(f->dim + 1, sizeof(*at));
  if (!at)
    return -ENOMEM;
  if (!find_columns(f, whole, at))
    return -ENOENT;
  choose_poles(f);
  int r = 0;
  for (unsigned p = 0; p < f->n_poles; p++)
    for (unsigned k = 0; r == 0 && k < f->n_folds; k++) {
      r = cut(whole->gram[p][k], whole->dim, at, f->dim, &f->gram[p][k]);
      for (size_t c = 0; r == 0 && c < f->n_counters; c++)
        r = cut(whole->unknown[c][p][k], whole->dim_x, at, f->dim_x,
                &f->unknown[c][p][k]);
    }
  return r;
}
