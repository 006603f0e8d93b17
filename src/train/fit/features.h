/* SPDX-License-Identifier: MIT
 *
 * Everything that the choice of inputs looks at, computed once: for each of a
 * few fixed poles, all sources filtered by 1/A(q) with A(q) = 1 - p q^-1 and
 * their recent past, and the inner products of all of them with each other and
 * with every counter, block by block.
 *
 * With A fixed the free run is linear in b, so its squared error on any block,
 * for any subset of inputs estimated on any other blocks, is a quadratic form
 * in these inner products: no run over the data is needed to compare models by
 * free run. (L. Ljung, System Identification, 2nd ed., section 4.2: the output
 * error model; section 7.3: least squares.)
 */
#ifndef VR_TRAIN_FIT_FEATURES_H
#define VR_TRAIN_FIT_FEATURES_H

#include "train/data/guest_data.h"

enum {
  VR_FEATURE_LAGS = 3, /* lags 0 .. 2 of every filtered source */
  VR_FOLDS = 5,
  VR_MAX_POLES = 9,
  VR_MAX_STARTS = 16,
};

/* Beside groups of signals: what is for a guest's own models only. */
#define VR_FEATURES_OF_ITS_OWN (VR_EVERY_GROUP + 1u)

/* Of a source over the used rows of one fold. */
struct vr_feature_range {
  double n, sum, min, max;
};

/* One guest's data, or several guests' one after the other. */
struct vr_recording {
  const struct vr_guest_data *data;
  size_t first; /* its first row among all */
};

/* One source that all recordings have. */
struct vr_feature_source {
  size_t index;  /* in vr_sources */
  double *u;     /* rows; gaps hold the value before */
  bool borrowed; /* it is the recording's own column */
};

struct vr_features {
  double step;
  size_t rows;
  size_t n_recordings;
  struct vr_recording *recordings;
  bool rehearsal; /* as in train_options.h */
  size_t n_counters;
  enum vr_counter counters[VR_COUNTERS]; /* those with truth */
  double *y[VR_COUNTERS];    /* as counters: output / per; NAN for gaps */
  vr_counter_set y_borrowed; /* y[c] is the recording's own: c is in it */
  enum vr_per per[VR_COUNTERS];
  size_t n_sources;
  struct vr_feature_source *sources;
  unsigned n_folds;
  bool has_memory;                 /* of the only recording's counters: */
  double memory[VR_COUNTERS];      /* vr_timeseries_memory_seconds() of each */
  struct vr_feature_range *ranges; /* n_sources x VR_FOLDS; NULL: not known */
  unsigned char *fold;             /* of each row */
  bool cyclic; /* the last fold's rows are followed by more of the first's */
  unsigned char *used; /* row takes part: all inputs are known */
  size_t skipped;      /* first rows of every recording, not used */
  size_t n_starts;     /* recordings whose start is estimated: all or none */

  /* Columns: 1; LAGS of every source; for each recording what is left of a
   * wrong start, p^t (the state that a recording began in is not known, so
   * estimation lets it be whatever fits and then forgets it; of more than
   * VR_MAX_STARTS recordings more rows are skipped instead); then the
   * counters, 0 in rows where they are not known. */
  size_t dim, dim_x; /* with and without the counters */
  unsigned n_poles;
  double poles[VR_MAX_POLES];
  unsigned load_pole;   /* index of the kernel's load average filter */
  unsigned static_pole; /* index of the pole 0: no dynamics */
  double *gram[VR_MAX_POLES][VR_FOLDS]; /* dim x dim, symmetric */
  /* For each counter, the part of the above, dim_x x dim_x, that is of rows
   * where it is not known; NULL where it always is. */
  double *unknown[VR_COUNTERS][VR_MAX_POLES][VR_FOLDS];
};

/* All folds of F, as a bit set. */
static inline unsigned vr_feature_folds(const struct vr_features *f) {
  return (1u << f->n_folds) - 1;
}

static inline size_t vr_feature_input(size_t s, unsigned k) {
  return 1 + s * VR_FEATURE_LAGS + k;
}
static inline size_t vr_feature_start(const struct vr_features *f,
                                      size_t recording) {
  return 1 + f->n_sources * VR_FEATURE_LAGS + recording;
}
static inline size_t vr_feature_output(const struct vr_features *f, size_t c) {
  return f->dim_x + c;
}

/* Inner product of columns I and J over the folds in the bit set FOLDS and the
 * rows where counter C is known. J may be C's own column. */
static inline double vr_feature_inner(const struct vr_features *f, size_t c,
                                      unsigned pole, unsigned folds, size_t i,
                                      size_t j) {
  double sum = 0;
  for (unsigned k = 0; k < f->n_folds; k++) {
    if (!(folds >> k & 1))
      continue;
    sum += f->gram[pole][k][i * f->dim + j];
    if (f->unknown[c][pole][k] && j < f->dim_x)
      sum -= f->unknown[c][pole][k][i * f->dim_x + j];
  }
  return sum;
}

/* Is a wrong start still visible in the first used rows behind POLE? */
bool vr_features_has_start(const struct vr_features *f, unsigned pole);

void vr_features_clear(struct vr_features *f);

/* How long counter C of the only recording remembers, in seconds. */
double vr_features_memory(const struct vr_features *f, size_t c);

/* Finds once what is asked for often: memories and ranges. Returns 0 or
 * -ENOMEM. */
int vr_features_describe(struct vr_features *f);

/* Mean, least and greatest value of source S over the used rows of FOLDS. */
void vr_features_source_range(const struct vr_features *f, size_t s,
                              unsigned folds, double *ret_mean, double *ret_min,
                              double *ret_max);

/* Number of rows and mean of counter C over the used rows of FOLDS. */
double vr_features_rows(const struct vr_features *f, size_t c, unsigned folds);
double vr_features_mean(const struct vr_features *f, size_t c, unsigned folds);

#endif
