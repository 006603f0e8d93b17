/* SPDX-License-Identifier: MIT */
#include "train/fit/build_features.h"

#include "train/fit/feature_columns.h"
#include "train/fit/feature_grams.h"
#include "train/fit/folds.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many seconds, but not fewer rows than one input takes (choose_inputs.c),
 * however long they are. */
enum { MIN_SECONDS = 60, MIN_ROWS = 20 };

size_t vr_features_min_rows(double step) {
  return (size_t)fmax(MIN_ROWS, ceil(MIN_SECONDS / step - 1e-9));
}

/* Says in ERROR how many of USED rows F lacks. */
static void report_few(const struct vr_features *f, size_t used,
                       struct vr_error *error) {
  size_t wanted = vr_features_min_rows(f->step);
  double missing = wanted > used ? (double)(wanted - used) * f->step : 0;
  int n = snprintf(error->message, sizeof(error->message),
                   "guest %s: %zu of %zu rows are known on both sides, with "
                   "%zu counters and %zu inputs; at least %zu rows are needed",
                   f->recordings[0].data->guest, used, f->rows, f->n_counters,
                   f->n_sources, wanted);
  if (missing > 0 && n > 0 && (size_t)n < sizeof(error->message))
    snprintf(error->message + n, sizeof(error->message) - (size_t)n,
             ": record %.0f more minute%s", ceil(missing / 60),
             missing > 60 ? "s" : "");
}

static int report(const struct vr_guest_data *d, int code,
                  struct vr_error *error) {
  return vr_error_set(error, code, "guest %s: %s", d->guest, strerror(-code));
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

int vr_features_lay_out(const struct vr_guest_data *const *data, size_t n,
                        unsigned origins, bool by_recording,
                        const struct vr_features *lender,
                        struct vr_features *ret_features,
                        struct vr_error *ret_error) {
  struct vr_features f = {0};
  int r = lay_out(&f, data, n);
  if (r == 0)
    r = vr_feature_columns_take(&f, origins, lender);
  size_t used = 0;
  if (r == 0) {
    vr_feature_columns_drop_first(&f);
    if (by_recording)
      vr_folds_by_recording(&f);
    else
      vr_folds_by_time(&f);
    for (size_t i = 0; i < f.rows; i++)
      used += f.used[i];
    if (used < vr_features_min_rows(f.step) || f.n_counters == 0)
      r = -ENODATA;
  }
  if (r == -ENODATA)
    report_few(&f, used, ret_error);
  else if (r < 0)
    report(data[0], r, ret_error);
  if (r < 0)
    vr_features_clear(&f);
  else
    *ret_features = f;
  return r;
}

int vr_features_build(const struct vr_guest_data *const *data, size_t n,
                      unsigned origins, bool by_recording,
                      struct vr_features *ret_features,
                      struct vr_error *ret_error) {
  struct vr_features f = {0};
  int r =
      vr_features_lay_out(data, n, origins, by_recording, NULL, &f, ret_error);
  if (r < 0)
    return r;
  r = vr_feature_grams_compute(&f, NULL);
  if (r < 0) {
    vr_features_clear(&f);
    return report(data[0], r, ret_error);
  }
  *ret_features = f;
  return 0;
}
