/* SPDX-License-Identifier: MIT */
#include "model/publishable.h"

#include <math.h>

double vr_model_best_baseline(const struct vr_model_baseline *b) {
  double mean = isfinite(b->mean_fit) ? b->mean_fit : 0;
  double gain = b->has_gain && isfinite(b->gain_fit) ? b->gain_fit : 0;
  return fmax(fmax(mean, gain), 0);
}

bool vr_model_beats_baselines(const struct vr_model *m) {
  return m->fit.free_run > vr_model_best_baseline(&m->baseline);
}

bool vr_model_publishable(const struct vr_model *m, double min_fit) {
  if (m->provenance != VR_INFERRED)
    return true;
  return m->n_inputs > 0 && !m->withheld && m->fit.free_run >= min_fit &&
         vr_model_beats_baselines(m);
}
