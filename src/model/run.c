/* SPDX-License-Identifier: MIT */
#include "model/run.h"

#include "model/interval.h"
#include "model/load_filter.h"
#include "model/load_law.h"
#include "model/range.h"
#include "model/ratio.h"
#include "model/same.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct vr_run {
  const struct vr_model *model;
  struct vr_arx_state *state;
  unsigned settling;
  unsigned age;    /* ticks since it started at rest */
  unsigned missed; /* ticks since all inputs were there */
  unsigned lost;   /* ticks that went by before the memory was imported */
  bool running;
  double y; /* last output of the equation */
  double decay[3];
  double load[3]; /* the three averages, [0] unused */
  double *u;      /* this tick's inputs; a missing one keeps its last value */
  bool outside;   /* one of them was out of its range */
  struct vr_run_outlier outlier;
  struct vr_range_state range;
  double range_decay;
  double regime_sum; /* of the tick that comes; NAN: not known */
  double step;       /* seconds of a tick; NAN: not known */
  double lacking;    /* seconds for which a law is patient with lost signals */
  struct vr_load_law law; /* the memory of a VR_LOAD_LAW, which has no state */
};

static bool is_law(const struct vr_run *run) {
  return run->model->structure == VR_LOAD_LAW;
}

unsigned vr_model_settling(const struct vr_model *m) {
  if (vr_model_structure_is_static(m->structure))
    return 0;
  unsigned lag = vr_arx_largest_lag(&m->arx);
  double radius = vr_arx_spectral_radius(&m->arx);
  if (!(radius > 0))
    return lag;
  double ticks = ceil(log(0.05) / log(radius));
  return lag + (ticks < 1e6 ? (unsigned)ticks : 1000000u);
}

static void set_decays(struct vr_run *run) {
  run->range_decay = vr_range_decay(run->settling);
  if (run->model->structure != VR_LOAD_FILTER)
    return;
  for (int i = 0; i < 3; i++)
    run->decay[i] =
        vr_load_filter_decay((enum vr_load_average)i, run->model->step);
}

struct vr_run *vr_run_new(const struct vr_model *m, unsigned settling) {
  struct vr_run *run = calloc(1, sizeof(*run));
  if (!run)
    return NULL;
  run->model = m;
  run->settling = settling;
  run->state = is_law(run) ? NULL : vr_arx_state_new(&m->arx);
  run->regime_sum = NAN;
  run->step = m->step > 0 ? m->step : NAN;
  vr_load_law_start(&run->law);
  run->u = calloc(m->n_inputs, sizeof(*run->u));
  if ((!run->state && !is_law(run)) || !run->u) {
    vr_run_free(run);
    return NULL;
  }
  set_decays(run);
  return run;
}

void vr_run_set_step(struct vr_run *run, double step) {
  if (run->model->step == 0)
    run->step = step;
}

void vr_run_free(struct vr_run *run) {
  if (!run)
    return;
  vr_arx_state_free(run->state);
  free(run->u);
  free(run);
}

/* Where the equation rests while its inputs are U. */
static double rest_output(const struct vr_arx *arx, const double *u) {
  double y = 0;
  for (unsigned i = 0; i < arx->nu; i++)
    y += vr_arx_dc_gain(arx, i) * u[i];
  return y;
}

static void start_at_rest(struct vr_run *run) {
  run->y = rest_output(&run->model->arx, run->u);
  vr_arx_state_rest(run->state, run->y, run->u);
  run->load[VR_LOAD_5MIN] = run->load[VR_LOAD_15MIN] = run->y;
  run->running = true;
  run->age = 0;
  vr_range_start(&run->range, run->outside);
}

/* Takes this tick's LEVEL of input I. Returns false if it is missing. */
static bool take_input(struct vr_run *run, size_t i, double level,
                       bool *outside) {
  const struct vr_model_input *in = &run->model->inputs[i];
  if (isnan(level))
    return false;
  run->u[i] = vr_model_input_of_level(in, level);
  if (level < in->range_min || level > in->range_max) {
    run->outlier = (struct vr_run_outlier){.input = i, .level = level};
    *outside = true;
    if (run->model->structure == VR_RATIO)
      run->u[i] = NAN;
  }
  return true;
}

/* Is this tick's regime one in which the model was never validated? */
static bool take_regime(struct vr_run *run, const struct vr_guest_size *size) {
  double level;
  bool outside =
      vr_model_is_unvalidated(run->model, run->regime_sum, size, &level);
  if (outside)
    run->outlier = (struct vr_run_outlier){.level = level, .regime = true};
  run->regime_sum = NAN;
  return outside;
}

/* Takes this tick's inputs into run->u. Are all known, or held not too long? */
static bool take_inputs(struct vr_run *run, const double *sums,
                        const struct vr_guest_size *size) {
  bool complete = true, outside = take_regime(run, size);
  for (size_t i = 0; i < run->model->n_inputs; i++)
    complete &= take_input(
        run, i, vr_model_input_level(&run->model->inputs[i], sums[i], size),
        &outside);
  if (complete)
    run->outside = outside;
  run->missed = complete ? 0 : run->missed + 1;
  if (complete && !run->running)
    start_at_rest(run);
  if (run->missed > VR_HOLD_TICKS)
    run->running = false;
  return run->running;
}

/* The 5- and 15-minute averages of the same number of active tasks: the
 * equation's B(q) u is (1 - decay) n of the 1-minute average. */
static void step_loads(struct vr_run *run, double previous_y) {
  const double *d = run->decay;
  double n = (run->y - d[VR_LOAD_1MIN] * previous_y) / (1 - d[VR_LOAD_1MIN]);
  for (int i = VR_LOAD_5MIN; i <= VR_LOAD_15MIN; i++)
    run->load[i] = d[i] * run->load[i] + (1 - d[i]) * n;
}

/* The equation's output for this tick's inputs. */
static double equation(struct vr_run *run) {
  const struct vr_model *m = run->model;
  switch (m->structure) {
  case VR_SHARE:
    return vr_ratio_share(&m->arx, run->u);
  case VR_RATIO:
    return vr_ratio_percent(&m->arx, run->u);
  default:
    return vr_arx_step(&m->arx, run->state, run->u);
  }
}

static const struct vr_run_value nothing = {NAN,   NAN,   NAN,
                                            false, false, .has_bounds = false};

static struct vr_run_value step(struct vr_run *run,
                                const struct vr_guest_size *size) {
  struct vr_run_value v = nothing;
  const struct vr_model *m = run->model;
  double previous = run->y;
  run->y = equation(run);
  v.value = vr_model_output_value(&m->output, run->y, size);
  if (m->structure == VR_LOAD_FILTER) {
    step_loads(run, previous);
    v.midterm =
        vr_model_output_value(&m->output, run->load[VR_LOAD_5MIN], size);
    v.longterm =
        vr_model_output_value(&m->output, run->load[VR_LOAD_15MIN], size);
  }
  if (run->age < run->settling)
    run->age++;
  vr_range_step(&run->range, run->range_decay, run->outside);
  v.out_of_range = run->range.out;
  v.settled = run->age >= run->settling && run->range.fraction < VR_RANGE_BACK;
  return v;
}

/* --- a load law --- */

/* The bounds and the value of the number of active tasks. */
static void count_active(const struct vr_run *run, double *ret_n) {
  for (int b = 0; b < VR_LOAD_BOUNDS; b++) {
    ret_n[b] = 0;
    for (unsigned i = 0; i < run->model->arx.nu; i++)
      ret_n[b] += run->model->arx.inputs[i].b[b] * run->u[i];
  }
}

/* A missing input is held as of any model; the time after it is unknown to the
 * filter, which does not forget what it knew before. */
static struct vr_run_value step_law(struct vr_run *run, const double *sums,
                                    const struct vr_guest_size *size) {
  const struct vr_model *m = run->model;
  bool complete = true, outside = false;
  for (size_t i = 0; i < m->n_inputs; i++)
    complete &= take_input(
        run, i, vr_model_input_level(&m->inputs[i], sums[i], size), &outside);
  run->missed = complete ? 0 : run->missed + 1;
  run->running = complete || (run->running && run->missed <= VR_HOLD_TICKS);
  if (run->lacking > 0) {
    run->lacking -= run->step;
    run->running = false;
  }
  if (!run->running) {
    vr_load_law_unknown(&run->law, run->step, 1);
    return nothing;
  }
  double n[VR_LOAD_BOUNDS];
  count_active(run, n);
  vr_load_law_known(&run->law, run->step, n, size->vcpus);
  struct vr_run_value v = {.has_bounds = true,
                           .load = vr_load_law_values(&run->law)};
  v.value = vr_model_output_value(&m->output, v.load.value[0], size);
  v.midterm = v.load.value[VR_LOAD_5MIN];
  v.longterm = v.load.value[VR_LOAD_15MIN];
  v.settled = vr_load_law_is_settled(&run->law, VR_LOAD_1MIN);
  return v;
}

struct vr_run_value vr_run_step(struct vr_run *run, const double *sums,
                                const struct vr_guest_size *size) {
  if (is_law(run))
    return step_law(run, sums, size);
  if (!take_inputs(run, sums, size))
    return nothing;
  if (run->lost > 0 && run->missed > 0) {
    run->lost++;
    return nothing;
  }
  /* Over the time that was lost the inputs are taken as they are now, and until
   * that is forgotten no fit is given. */
  if (run->lost > 0) {
    for (; run->lost > 0; run->lost--)
      step(run, size);
    run->age = 0;
  }
  return step(run, size);
}

/* What is remembered is relative to the offsets and in the scale of the model
 * that the run had: in those of TO it is the same past. */
static void rebase(struct vr_run *run, const struct vr_model *to) {
  const struct vr_model *from = run->model;
  double shift = from->output.offset - to->output.offset;
  vr_arx_state_rebase_output(run->state, 1, shift);
  run->y += shift;
  run->load[VR_LOAD_5MIN] += shift;
  run->load[VR_LOAD_15MIN] += shift;
  for (size_t i = 0; i < to->n_inputs; i++) {
    const struct vr_model_input *a = &from->inputs[i], *b = &to->inputs[i];
    double gain = a->scale == b->scale ? 1 : b->scale / a->scale;
    shift = a->offset * gain - b->offset;
    vr_arx_state_rebase_input(run->state, (unsigned)i, gain, shift);
    run->u[i] = gain * run->u[i] + shift;
  }
}

/* What tasks were counted by does not matter: the inputs are taken anew. */
static int change_law(struct vr_run *run, const struct vr_model *m) {
  double *u = calloc(m->n_inputs, sizeof(*u));
  if (!u)
    return -ENOMEM;
  free(run->u);
  run->u = u;
  run->running = false;
  if (!vr_same_signals_or_more(run->model, m))
    run->lacking = VR_LAW_PATIENCE;
  else if (!vr_same_signals_or_more(m, run->model))
    run->lacking = 0; /* there is more to count by */
  run->model = m;
  return 0;
}

int vr_run_change_model(struct vr_run *run, const struct vr_model *m,
                        unsigned settling) {
  if (!vr_same_structure(run->model, m))
    return -EINVAL;
  if (is_law(run))
    return change_law(run, m);
  if (!vr_same_equation(run->model, m)) {
    rebase(run, m);
    run->age = 0;
  }
  run->model = m;
  run->settling = settling;
  set_decays(run);
  return 0;
}

/* age, missed, running, y, two loads, what is out of range and whether
 * the run is, held inputs, the equation's memory */
enum { FIXED_NUMBERS = 8 };

/* Numbers beyond it are no state of a run that works: a model would compute
 * infinities from them, which stay. */
#define LARGEST_STATE 1e100

/* The state of a law is that of its filter, behind the seconds of its step. */
enum { LAW_NUMBERS = 1 + VR_LOAD_LAW_STATE };

size_t vr_run_state_size(const struct vr_run *run) {
  if (is_law(run))
    return LAW_NUMBERS;
  return FIXED_NUMBERS + run->model->n_inputs +
         vr_arx_state_size(&run->model->arx);
}

void vr_run_export(const struct vr_run *run, double *ret_values) {
  double *v = ret_values;
  if (is_law(run)) {
    *v = isfinite(run->step) ? run->step : 0;
    vr_load_law_export(&run->law, v + 1);
    return;
  }
  *v++ = run->age;
  *v++ = run->missed;
  *v++ = run->running;
  *v++ = run->y;
  *v++ = run->load[VR_LOAD_5MIN];
  *v++ = run->load[VR_LOAD_15MIN];
  *v++ = run->range.fraction;
  *v++ = run->range.out;
  for (size_t i = 0; i < run->model->n_inputs; i++)
    *v++ = run->u[i];
  vr_arx_state_export(run->state, v);
}

/* Time that was lost is unknown to the filter, like any other. */
static int import_law(struct vr_run *run, const double *values, unsigned lost) {
  int r = vr_load_law_import(&run->law, values + 1);
  if (r == 0 && lost > 0)
    vr_load_law_unknown(&run->law, run->step, lost);
  return r;
}

int vr_run_import(struct vr_run *run, const double *values, unsigned lost) {
  const double *v = values;
  if (is_law(run))
    return import_law(run, values, lost);
  for (size_t i = 0; i < vr_run_state_size(run); i++)
    if (!(fabs(v[i]) <= LARGEST_STATE))
      return -EINVAL;
  if (v[0] < 0 || v[0] > 2e6 || v[1] < 0 || v[1] > 2e6 || v[6] < 0 || v[6] > 1)
    return -EINVAL;
  run->age = (unsigned)*v++;
  run->missed = (unsigned)*v++;
  run->running = *v++ != 0;
  run->y = *v++;
  run->load[VR_LOAD_5MIN] = *v++;
  run->load[VR_LOAD_15MIN] = *v++;
  run->range.fraction = *v++;
  run->range.out = *v++ != 0;
  run->outlier = (struct vr_run_outlier){.level = NAN};
  for (size_t i = 0; i < run->model->n_inputs; i++)
    run->u[i] = *v++;
  vr_arx_state_import(run->state, v);
  run->lost = lost;
  return 0;
}

void vr_run_skip(struct vr_run *run, unsigned ticks) {
  if (is_law(run) && ticks > 0)
    vr_load_law_unknown(&run->law, run->step, ticks);
}

unsigned vr_run_lost(const struct vr_run *run) { return run->lost; }

void vr_run_set_regime(struct vr_run *run, double sum) {
  run->regime_sum = sum;
}

bool vr_run_is_out_of_range(const struct vr_run *run,
                            struct vr_run_outlier *ret_outlier) {
  bool out = run->running && run->range.out;
  if (out && ret_outlier)
    *ret_outlier = run->outlier;
  return out;
}
