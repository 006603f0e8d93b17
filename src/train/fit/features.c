/* SPDX-License-Identifier: MIT */
#include "train/fit/features.h"

#include "sysid/timeseries.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void vr_features_clear(struct vr_features *f) {
  free(f->recordings);
  for (size_t c = 0; c < VR_COUNTERS; c++)
    if (!(f->y_borrowed >> c & 1))
      free(f->y[c]);
  for (size_t s = 0; f->sources && s < f->n_sources; s++)
    if (!f->sources[s].borrowed)
      free(f->sources[s].u);
  free(f->sources);
  free(f->ranges);
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

bool vr_features_has_start(const struct vr_features *f, unsigned pole) {
  return pow(f->poles[pole], (double)f->skipped) > 0.02;
}

double vr_features_memory(const struct vr_features *f, size_t c) {
  const struct vr_guest_data *d = f->recordings[0].data;
  return f->has_memory ? f->memory[c]
                       : vr_timeseries_memory_seconds(
                             d->grid.rows, d->y[f->counters[c]], d->grid.step);
}

/* Source S over the used rows of each fold. */
static void find_ranges(const struct vr_features *f, size_t s,
                        struct vr_feature_range *ret) {
  const double *u = f->sources[s].u;
  for (unsigned k = 0; k < VR_FOLDS; k++)
    ret[k] = (struct vr_feature_range){.min = INFINITY, .max = -INFINITY};
  for (size_t i = 0; i < f->rows; i++) {
    struct vr_feature_range *r = &ret[f->fold[i]];
    if (!f->used[i])
      continue;
    r->n++;
    r->sum += u[i];
    r->min = u[i] < r->min ? u[i] : r->min;
    r->max = u[i] > r->max ? u[i] : r->max;
  }
}

int vr_features_describe(struct vr_features *f) {
  for (size_t c = 0; c < f->n_counters; c++)
    f->memory[c] = vr_features_memory(f, c);
  f->has_memory = true;
  f->ranges = calloc(f->n_sources * VR_FOLDS + 1, sizeof(*f->ranges));
  for (size_t s = 0; f->ranges && s < f->n_sources; s++)
    find_ranges(f, s, f->ranges + s * VR_FOLDS);
  return f->ranges ? 0 : -ENOMEM;
}

void vr_features_source_range(const struct vr_features *f, size_t s,
                              unsigned folds, double *ret_mean, double *ret_min,
                              double *ret_max) {
  struct vr_feature_range here[VR_FOLDS], *r = here;
  double sum = 0, n = 0, min = INFINITY, max = -INFINITY;
  if (f->ranges)
    r = f->ranges + s * VR_FOLDS;
  else
    find_ranges(f, s, here);
  for (unsigned k = 0; k < f->n_folds; k++)
    if (folds >> k & 1) {
      sum += r[k].sum;
      n += r[k].n;
      min = fmin(min, r[k].min);
      max = fmax(max, r[k].max);
    }
  *ret_mean = n > 0 ? sum / n : 0;
  *ret_min = min;
  *ret_max = max;
}

double vr_features_rows(const struct vr_features *f, size_t c, unsigned folds) {
  return vr_feature_inner(f, c, 0, folds, 0, 0);
}

double vr_features_mean(const struct vr_features *f, size_t c, unsigned folds) {
  return vr_feature_inner(f, c, 0, folds, 0, vr_feature_output(f, c)) /
         vr_features_rows(f, c, folds);
}
