/* SPDX-License-Identifier: MIT */
#include "train/evaluate/served.h"

#include "model/publishable.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <string.h>

static bool is_for(const struct vr_model *m, const struct vr_guest_data *d) {
  if (m->accelerator != VR_ACCEL_ANY && m->accelerator != d->accelerator)
    return false;
  if (m->nested && !d->nested)
    return false;
  return m->steal_clock == VR_STEAL_CLOCK_UNKNOWN ||
         (m->steal_clock == VR_STEAL_CLOCK_NONE) ==
             (d->steal_clock == VR_STEAL_CLOCK_NONE);
}

static bool is_known(const double *x, size_t rows) {
  for (size_t i = 0; i < rows; i++)
    if (isfinite(x[i]))
      return true;
  return false;
}

bool vr_served_has_step(const struct vr_model *m,
                        const struct vr_guest_data *d) {
  return !(m->step > 0) || fabs(m->step - d->grid.step) <= 1e-6 * m->step;
}

/* Runs M on D. Returns 1 if it gave anything, 0, or -ENOMEM. */
static int try_here(const struct vr_model *m, const struct vr_guest_data *d,
                    double *series) {
  int r = vr_served_has_step(m, d) ? vr_fit_run_model(d, m, series) : -EINVAL;
  return r == -ENOMEM ? r : r == 0 && is_known(series, d->grid.rows);
}

int vr_served_model(const struct vr_model_set *set,
                    const struct vr_guest_data *d, enum vr_counter c,
                    double min_fit, double *series,
                    const struct vr_model **ret_model) {
  for (int own = 1; own >= 0; own--)
    for (size_t i = 0; i < set->n_models; i++) {
      const struct vr_model *m = &set->models[i];
      bool is_own = strcmp(m->guest, d->guest) == 0;
      if (m->counter != c || is_own != own || !is_for(m, d) ||
          fnmatch(m->guest, d->guest, 0) != 0 ||
          !vr_model_publishable(m, min_fit))
        continue;
      int r = try_here(m, d, series);
      if (r < 0)
        return r;
      if (r == 0)
        continue;
      *ret_model = m;
      return 0;
    }
  for (size_t i = 0; i < d->grid.rows; i++)
    series[i] = NAN;
  *ret_model = NULL;
  return 0;
}

const struct vr_model *vr_served_own(const struct vr_model_set *set,
                                     const char *guest, enum vr_counter c,
                                     double min_fit) {
  for (size_t i = 0; i < set->n_models; i++)
    if (set->models[i].counter == c &&
        strcmp(set->models[i].guest, guest) == 0 &&
        vr_model_publishable(&set->models[i], min_fit))
      return &set->models[i];
  return NULL;
}
