/* SPDX-License-Identifier: MIT */
#include "train/table/table_baselines.h"

#include "basic/cleanup.h"
#include "sysid/simulate.h"
#include "sysid/static_gain.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int vr_table_baselines(const struct vr_table_options *o,
                       const struct vr_table_data *d, struct vr_table_fit *f) {
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  const struct vr_dataset *v = &rows;
  int r = vr_dataset_skip(vr_table_data_validation(f, d), f->first_row, &rows,
                          NULL);
  if (r < 0)
    return r;
  double mean, u_mean[VR_MAX_TABLE_INPUTS], best = -1;
  struct vr_static_gain gain = {0}, g;
  unsigned input = 0;
  vr_dataset_means(&d->estimate, &mean, u_mean);
  for (unsigned i = 0; i < o->n_inputs; i++)
    if (vr_sysid_fit_static_gain(&d->estimate, i, &g, NULL) == 0 &&
        fabs(g.correlation) > best) {
      best = fabs(g.correlation);
      gain = g;
      input = i;
    }
  size_t n = vr_dataset_samples(v), k = 0;
  vr_auto_free double *all = calloc(3 * n + 1, sizeof(*all));
  if (!all)
    return -ENOMEM;
  double *y = all, *flat = all + n, *scaled = all + 2 * n;
  for (size_t s = 0; s < v->n_segments; s++)
    for (size_t t = 0; t < v->segments[s].n; t++, k++) {
      y[k] = v->segments[s].y[t];
      flat[k] = mean;
      scaled[k] = gain.gain * v->segments[s].u[input][t] + gain.constant;
    }
  f->mean_fit = vr_simulate_score_values(n, y, flat).fit;
  f->gain_fit = best >= 0 ? vr_simulate_score_values(n, y, scaled).fit : NAN;
  return 0;
}
