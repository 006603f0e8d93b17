/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include "basic/text.h"
#include "model/load_filter.h"
#include "model/load_law.h"
#include "model/ratio.h"
#include "signal/identifier.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const structures[] = {[VR_STATIC] = "static",
                                         [VR_ARX] = "arx",
                                         [VR_FIR] = "fir",
                                         [VR_SHARE] = "share",
                                         [VR_LOAD_FILTER] = "load_filter",
                                         [VR_LOAD_LAW] = "load_law",
                                         [VR_RATIO] = "ratio"};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

bool vr_model_structure_is_static(enum vr_structure s) {
  return s == VR_STATIC || s == VR_SHARE || s == VR_RATIO;
}

bool vr_model_structure_has_any_step(enum vr_structure s) {
  return vr_model_structure_is_static(s) || s == VR_LOAD_LAW;
}

int vr_model_structure_version(enum vr_structure s) {
  return s == VR_LOAD_LAW || s == VR_RATIO ? 3 : 1;
}

int vr_model_version(const struct vr_model *m) {
  for (size_t i = 0; i < m->n_inputs; i++)
    if (m->inputs[i].n_busy > 0 || m->inputs[i].transform != VR_PLAIN)
      return VR_MODEL_FILE_VERSION;
  return m->steal_clock != VR_STEAL_CLOCK_UNKNOWN || m->preferred ||
                 m->fit.judged_twice || m->nested
             ? VR_MODEL_FILE_VERSION
             : vr_model_structure_version(m->structure);
}

const char *vr_model_structure_name(enum vr_structure s) {
  return structures[s];
}

int vr_model_structure_by_name(const char *name, enum vr_structure *ret) {
  int i = vr_text_index(structures, COUNT(structures), name);
  if (i < 0)
    return i;
  *ret = (enum vr_structure)i;
  return 0;
}

static void input_clear(struct vr_model_input *in) {
  for (size_t i = 0; in->signals && i < in->n_signals; i++)
    free(in->signals[i]);
  free(in->signals);
}

void vr_model_clear(struct vr_model *m) {
  free(m->guest);
  for (size_t i = 0; m->inputs && i < m->n_inputs; i++)
    input_clear(&m->inputs[i]);
  free(m->inputs);
  input_clear(&m->baseline.gain_input);
  input_clear(&m->intervals.regime);
  vr_arx_clear(&m->arx);
  *m = (struct vr_model){0};
}

/* SET lets go of its models. Was it the last that held them? */
static bool let_go(struct vr_model_set *set) {
  if (!set->holders)
    return true;
  if (atomic_fetch_sub(set->holders, 1) != 1)
    return false;
  free(set->holders);
  return true;
}

void vr_model_set_clear(struct vr_model_set *set) {
  if (let_go(set)) {
    for (size_t i = 0; set->models && i < set->n_models; i++)
      vr_model_clear(&set->models[i]);
    free(set->models);
  }
  *set = (struct vr_model_set){0};
}

int vr_model_set_share(struct vr_model_set *set, struct vr_model_set *ret) {
  if (!set->holders) {
    set->holders = malloc(sizeof(*set->holders));
    if (!set->holders)
      return -ENOMEM;
    atomic_init(set->holders, 1);
  }
  atomic_fetch_add(set->holders, 1);
  *ret = *set;
  return 0;
}

__attribute__((format(printf, 2, 3))) static int
refuse(struct vr_error *e, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(e->message, sizeof(e->message), format, args);
  va_end(args);
  return -EINVAL;
}

static bool all_finite(const double *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return false;
  return true;
}

static int check_input(const struct vr_model_input *in, const char *field,
                       size_t index, struct vr_error *e) {
  if (in->n_signals == 0 || in->n_signals > VR_MODEL_MAX_SIGNALS)
    return refuse(e, "%s[%zu].signals: must be 1 to %d names", field, index,
                  VR_MODEL_MAX_SIGNALS);
  for (size_t i = 0; i < in->n_signals; i++) {
    struct vr_pattern p;
    if (vr_signal_pattern_parse(in->signals[i], &p) < 0)
      return refuse(e,
                    "%s[%zu].signals: \"%.200s\" is not the pattern of a "
                    "series with its data source",
                    field, index, in->signals[i]);
  }
  if (in->n_busy >= in->n_signals)
    return refuse(e, "%s[%zu].per_idle: must leave a signal", field, index);
  if (!isfinite(in->scale) || !isfinite(in->offset))
    return refuse(e, "%s[%zu]: scale and offset must be finite", field, index);
  if (!(in->range_min <= in->range_max))
    return refuse(e, "%s[%zu].range: must rise", field, index);
  return 0;
}

static int check_polynomials(const struct vr_model *m, struct vr_error *e) {
  const struct vr_arx *x = &m->arx;
  if (x->na > VR_MODEL_MAX_NA)
    return refuse(e, "a: more than %d coefficients", VR_MODEL_MAX_NA);
  if (x->nu != m->n_inputs)
    return refuse(e, "inputs: %zu, but b for %u", m->n_inputs, x->nu);
  if (x->na > 0 && (!all_finite(x->a, x->na + 1) || x->a[0] != 1))
    return refuse(e, "a: must be finite and begin with 1");
  for (unsigned i = 0; i < x->nu; i++) {
    const struct vr_arx_input *in = &x->inputs[i];
    if (in->nb == 0 || in->nb > VR_MODEL_MAX_NB)
      return refuse(e, "inputs[%u].b: must be 1 to %d coefficients", i,
                    VR_MODEL_MAX_NB);
    if (in->nk > VR_MODEL_MAX_NK)
      return refuse(e, "inputs[%u].delay: more than %d", i, VR_MODEL_MAX_NK);
    if (!all_finite(in->b, in->nb))
      return refuse(e, "inputs[%u].b: must be finite", i);
  }
  double radius = vr_arx_spectral_radius(x);
  if (!(radius < 1))
    return refuse(e, "a: the model is unstable: a pole has magnitude %.6g",
                  radius);
  return 0;
}

/* An input with b 0 only has to be there. */
static bool has_gains_of_a_share(const struct vr_arx *x) {
  for (unsigned i = 0; i < x->nu; i++)
    if (!(x->inputs[i].b[0] >= 0))
      return false;
  return x->inputs[0].b[0] > 0;
}

static int check_load_law(const struct vr_model *m, struct vr_error *e) {
  if (m->counter != VR_LOAD)
    return refuse(e, "structure: load_law is for the counter load");
  if (m->step != 0)
    return refuse(e, "step: a load_law has none");
  if (m->arx.na != 0)
    return refuse(e, "a: a load_law has none");
  for (unsigned i = 0; i < m->arx.nu; i++)
    if (m->arx.inputs[i].nb != VR_LOAD_BOUNDS || m->arx.inputs[i].nk != 0)
      return refuse(e,
                    "inputs[%u]: of a load_law it has no delay and three b: "
                    "its weight in the lower bound, the value, and the upper "
                    "bound",
                    i);
  return 0;
}

static int check_ratio(const struct vr_arx *x, struct vr_error *e) {
  if (x->na != 0)
    return refuse(e, "a: a ratio has none");
  for (unsigned i = 0; i < x->nu; i++)
    if (x->inputs[i].nb < VR_RATIO_WEIGHTS_MIN ||
        x->inputs[i].nb > VR_RATIO_WEIGHTS || x->inputs[i].nk != 0)
      return refuse(e,
                    "inputs[%u]: of a ratio it has no delay and two or three "
                    "b: its weight in the numerator, in the denominator, and "
                    "in what others occupy",
                    i);
  return 0;
}

static int check_structure(const struct vr_model *m, struct vr_error *e) {
  const struct vr_arx *x = &m->arx;
  bool no_memory = x->na == 0;
  for (unsigned i = 0; i < x->nu; i++)
    no_memory = no_memory && x->inputs[i].nb == 1 && x->inputs[i].nk == 0;
  switch (m->structure) {
  case VR_SHARE:
    if (x->nu < 2)
      return refuse(e, "structure: a share is of two inputs or more");
    if (!has_gains_of_a_share(x))
      return refuse(e, "structure: a share has no b below 0, and the first one "
                       "above 0");
    /* fall through */
  case VR_STATIC:
    return no_memory
               ? 0
               : refuse(e, "structure: a static model has no a, no delay, and "
                           "one b for each input");
  case VR_FIR:
    return x->na == 0 ? 0 : refuse(e, "a: a fir model has none");
  case VR_LOAD_FILTER:
    if (m->counter != VR_LOAD)
      return refuse(e, "structure: load_filter is for the counter load");
    if (x->na != 1 ||
        fabs(x->a[1] + vr_load_filter_decay(VR_LOAD_1MIN, m->step)) > 1e-9)
      return refuse(e, "a: a load_filter of step %g has a = [1, %.17g]",
                    m->step, -vr_load_filter_decay(VR_LOAD_1MIN, m->step));
    return 0;
  case VR_LOAD_LAW:
    return check_load_law(m, e);
  case VR_RATIO:
    return check_ratio(x, e);
  default:
    return 0;
  }
}

static int check_intervals(const struct vr_model_intervals *v,
                           struct vr_error *e) {
  if (v->level == 0)
    return 0;
  if (!(v->level > 0 && v->level < 1))
    return refuse(e, "intervals.level: must lie between 0 and 1");
  if (v->n_regimes == 0 || v->n_regimes > VR_MODEL_MAX_REGIMES)
    return refuse(e, "intervals.half_widths: must be 1 to %d",
                  VR_MODEL_MAX_REGIMES);
  for (unsigned k = 0; k < v->n_regimes; k++)
    if (!(v->half_width[k] >= 0))
      return refuse(e, "intervals.half_widths[%u]: must not be negative", k);
  if ((v->n_regimes > 1) != (v->regime.n_signals > 0))
    return refuse(e, "intervals.regime: is for more than one half-width, which "
                     "need it");
  for (unsigned k = 0; k + 1 < v->n_regimes; k++)
    if (!isfinite(v->edges[k]) || (k > 0 && !(v->edges[k] > v->edges[k - 1])))
      return refuse(e, "intervals.edges: must be finite and rise");
  const double fractions[] = {v->coverage, v->coverage_lower,
                              v->coverage_upper};
  for (size_t i = 0; i < COUNT(fractions); i++)
    if (fractions[i] < 0 || fractions[i] > 1)
      return refuse(e, "intervals.coverage: must be 0 to 1");
  return v->n_regimes > 1 ? check_input(&v->regime, "intervals.regime", 0, e)
                          : 0;
}

int vr_model_check(const struct vr_model *m, struct vr_error *ret_error) {
  struct vr_error *e = ret_error;
  if (!m->guest || !*m->guest)
    return refuse(e, "guest: must be a name or a pattern");
  /* Nothing comes more often than every millisecond, and in whole nanoseconds,
   * as time is counted, a tiny step would be 0. */
  if (m->step != 0 && !(m->step >= 0.001 && m->step <= 86400))
    return refuse(e, "step: must be 0, or 0.001 to 86400 seconds");
  if (m->step == 0 && !vr_model_structure_has_any_step(m->structure))
    return refuse(e, "step: only a static model or a law may have 0");
  if (m->n_inputs == 0 || m->n_inputs > VR_MODEL_MAX_INPUTS)
    return refuse(e, "inputs: must be 1 to %d", VR_MODEL_MAX_INPUTS);
  for (size_t i = 0; i < m->n_inputs; i++) {
    int r = check_input(&m->inputs[i], "inputs", i, e);
    if (r < 0)
      return r;
  }
  if (!isfinite(m->output.offset) || !(m->output.min <= m->output.max))
    return refuse(e, "output: offset must be finite and min below max");
  if (m->baseline.has_gain) {
    int r = check_input(&m->baseline.gain_input, "baseline.gain.input", 0, e);
    if (r < 0)
      return r;
  }
  int r = check_polynomials(m, e);
  if (r == 0)
    r = check_structure(m, e);
  return r < 0 ? r : check_intervals(&m->intervals, e);
}
