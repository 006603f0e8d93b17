/* SPDX-License-Identifier: MIT */
#include "train/fit/feature_columns.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column that is known less often than this is not there. */
#define MIN_KNOWN 0.8
/* The same for the truth, which comes from a guest that may be starved. */
#define MIN_TRUTH 0.3

static double known_fraction(const double *x, size_t rows) {
  size_t known = 0;
  for (size_t i = 0; i < rows; i++)
    known += isfinite(x[i]) != 0;
  return rows ? (double)known / (double)rows : 0;
}

/* Is what PER is of the only recording's column, as it is? */
static bool is_as_it_is(const struct vr_features *f, enum vr_per per) {
  return f->n_recordings == 1 &&
         (per != VR_PER_VCPU || f->recordings[0].data->vcpus == 1);
}

/* Counter C of all recordings, divided by what the model divides it by. */
static int take_counter(struct vr_features *f, enum vr_counter c) {
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    if (!d->y[c] || known_fraction(d->y[c], d->grid.rows) < MIN_TRUTH)
      return 0;
  }
  enum vr_per per = vr_counter_info(c)->per;
  for (size_t r = 0; r < f->n_recordings; r++)
    if (!isfinite(f->recordings[r].data->vcpus))
      per = VR_PER_ONE;
  f->counters[f->n_counters] = c;
  f->per[f->n_counters] = per;
  if (is_as_it_is(f, per)) {
    f->y_borrowed |= VR_COUNTER_SET(f->n_counters);
    f->y[f->n_counters++] = f->recordings[0].data->y[c];
    return 0;
  }
  double *y = calloc(f->rows, sizeof(*y));
  if (!y)
    return -ENOMEM;
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    double divisor = per == VR_PER_VCPU ? d->vcpus : 1;
    for (size_t i = 0; i < d->grid.rows; i++)
      y[f->recordings[r].first + i] = d->y[c][i] / divisor;
  }
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

/* Can the only recording's column be used as it is? */
static bool is_whole(const struct vr_features *f, size_t index) {
  const struct vr_guest_data *d = f->recordings[0].data;
  return f->n_recordings == 1 && known_fraction(d->u[index], d->grid.rows) == 1;
}

/* Source INDEX as LENDER has it, with its gaps filled; NULL where it has not.
 */
static double *find_lent(const struct vr_features *lender, size_t index) {
  for (size_t s = 0; lender && s < lender->n_sources; s++)
    if (lender->sources[s].index == index)
      return lender->sources[s].u;
  return NULL;
}

/* Rows where X is not known are not used. */
static void mark(const double *x, size_t rows, unsigned char *used) {
  for (size_t i = 0; i < rows; i++)
    if (!isfinite(x[i]))
      used[i] = 0;
}

static int take_source(struct vr_features *f, const struct vr_features *lender,
                       size_t index) {
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_guest_data *d = f->recordings[r].data;
    if (!d->u[index] || known_fraction(d->u[index], d->grid.rows) < MIN_KNOWN)
      return 0;
  }
  if (is_whole(f, index)) {
    f->sources[f->n_sources++] = (struct vr_feature_source){
        .index = index, .u = f->recordings[0].data->u[index], .borrowed = true};
    return 0;
  }
  double *u = find_lent(lender, index);
  if (u) {
    f->sources[f->n_sources++] =
        (struct vr_feature_source){.index = index, .u = u, .borrowed = true};
    mark(f->recordings[0].data->u[index], f->rows, f->used);
    return 0;
  }
  u = calloc(f->rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  f->sources[f->n_sources++] =
      (struct vr_feature_source){.index = index, .u = u};
  for (size_t r = 0; r < f->n_recordings; r++) {
    const struct vr_recording *rec = &f->recordings[r];
    size_t rows = rec->data->grid.rows;
    double *to = u + rec->first;
    memcpy(to, rec->data->u[index], rows * sizeof(*u));
    mark(to, rows, f->used + rec->first);
    hold(to, rows);
  }
  return 0;
}

static bool is_wanted(const struct vr_source *s, unsigned origins) {
  return s->own ? (origins & VR_FEATURES_OF_ITS_OWN) != 0
                : (s->origin & origins) != 0;
}

int vr_feature_columns_take(struct vr_features *f, unsigned origins,
                            const struct vr_features *lender) {
  memset(f->used, 1, f->rows);
  int r = 0;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    r = take_counter(f, (enum vr_counter)c);
  f->sources = calloc(vr_sources_count, sizeof(*f->sources));
  if (!f->sources)
    return -ENOMEM;
  for (size_t s = 0; r == 0 && s < vr_sources_count; s++)
    if (is_wanted(&vr_sources[s], origins))
      r = take_source(f, lender, s);
  f->n_starts = f->n_recordings <= VR_MAX_STARTS ? f->n_recordings : 0;
  f->dim_x = 1 + f->n_sources * VR_FEATURE_LAGS + f->n_starts;
  f->dim = f->dim_x + f->n_counters;
  return r;
}

void vr_feature_columns_drop_first(struct vr_features *f) {
  double most = (f->n_starts > 0 ? 120 : 300) / f->step;
  for (size_t r = 0; r < f->n_recordings; r++)
    most = fmin(most, 0.1 * (double)f->recordings[r].data->grid.rows);
  f->skipped = (size_t)fmax(most, VR_FEATURE_LAGS);
  for (size_t r = 0; r < f->n_recordings; r++)
    for (size_t i = 0; i < f->skipped; i++)
      if (i < f->recordings[r].data->grid.rows)
        f->used[f->recordings[r].first + i] = 0;
}
