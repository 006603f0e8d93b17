/* SPDX-License-Identifier: MIT */
#include "train/fit/static_baseline.h"

#include "train/fit/regression.h"

#include <errno.h>
#include <math.h>

/* May source S be the static-gain baseline of counter C? */
static bool is_trivial(const struct vr_source *source, enum vr_counter c,
                       unsigned origins, enum vr_accelerator accelerator) {
  if (!(source->origin & origins) || source->signals[1] || source->own)
    return false;
  /* Run time alone is not what a guest without a steal clock calls busy. */
  if (c == VR_CPU && accelerator == VR_ACCEL_TCG)
    return true;
  return !vr_counter_in(source->measures, c);
}

int vr_static_baseline(const struct vr_features *f, size_t c, unsigned origins,
                       unsigned folds, enum vr_accelerator accelerator,
                       struct vr_choice *ret_choice,
                       struct vr_coefficients *ret) {
  const struct vr_regression p = vr_regression_of(f, c);
  double least = INFINITY;
  for (size_t s = 0; s < f->n_sources; s++) {
    if (!is_trivial(&vr_sources[f->sources[s].index], f->counters[c], origins,
                    accelerator))
      continue;
    struct vr_choice t = {.pole = f->static_pole, .n_inputs = 1};
    t.inputs[0].source = s;
    t.inputs[0].nb = 1;
    struct vr_regression_columns columns;
    struct vr_coefficients b;
    vr_regression_columns(&t, &columns);
    if (!vr_regression_solve(&p, t.pole, folds, &columns, &b))
      continue;
    double e = vr_regression_error(&p, t.pole, folds, &columns, &b);
    if (e < least) {
      least = e;
      *ret_choice = t;
      *ret = b;
    }
  }
  return isfinite(least) ? 0 : -ENOENT;
}
