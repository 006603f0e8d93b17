/* SPDX-License-Identifier: MIT */
#include "train/fit/adopt_known.h"

#include "model/fit.h"
#include "sysid/arx_build.h"
#include "train/data/sources.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool may_serve(const struct vr_model *m, const struct vr_guest_data *d,
                      enum vr_counter counter) {
  return m->generic && m->provenance == VR_INFERRED && m->counter == counter &&
         m->accelerator == d->accelerator && m->step == d->grid.step;
}

/* Free-run fit on this guest; NAN when it cannot run here. */
static int try_here(const struct vr_features *f, const struct vr_model *m,
                    double *run, double *ret_fit) {
  const struct vr_guest_data *d = f->recordings[0].data;
  int r = vr_fit_run_model_started(d, m, f->skipped, run);
  if (r == -ENOMEM)
    return r;
  *ret_fit =
      r == 0 ? vr_model_fit_of(d->y[m->counter], run, f->used, f->rows) : NAN;
  return 0;
}

static int copy_inputs(const struct vr_model *from, struct vr_model *m) {
  m->inputs = calloc(from->n_inputs + 1, sizeof(*m->inputs));
  if (!m->inputs)
    return -ENOMEM;
  for (m->n_inputs = 0; m->n_inputs < from->n_inputs; m->n_inputs++)
    if (vr_data_input_copy(&from->inputs[m->n_inputs],
                           &m->inputs[m->n_inputs]) < 0)
      return -ENOMEM;
  return 0;
}

/* FROM as a model of this guest, which was validated with FIT. */
static int adopt(const struct vr_guest_data *d, const struct vr_model *from,
                 double fit, struct vr_model *ret_model) {
  struct vr_model m = {
      .counter = from->counter,
      .provenance = from->provenance,
      .guest = strdup(d->guest),
      .accelerator = from->accelerator,
      .nested = d->nested,
      .structure = from->structure,
      .step = from->step,
      .output = from->output,
      .fit = {.free_run = fit, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  int r = m.guest ? copy_inputs(from, &m) : -ENOMEM;
  if (r == 0)
    r = vr_sysid_arx_copy(&from->arx, &m.arx);
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

int vr_fit_known_best(const struct vr_features *f, size_t c,
                      const struct vr_model_set *known, double *run,
                      struct vr_model *ret_model) {
  const struct vr_guest_data *d = f->recordings[0].data;
  const struct vr_model *best = NULL;
  double best_fit = NAN;
  for (size_t i = 0; i < known->n_models; i++) {
    double fit;
    if (!may_serve(&known->models[i], d, f->counters[c]))
      continue;
    int r = try_here(f, &known->models[i], run, &fit);
    if (r < 0)
      return r;
    if (isfinite(fit) && (!best || fit > best_fit)) {
      best = &known->models[i];
      best_fit = fit;
    }
  }
  return best ? adopt(d, best, best_fit, ret_model) : -ENOENT;
}
