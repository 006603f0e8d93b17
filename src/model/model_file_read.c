/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "basic/file.h"
#include "basic/safe_open.h"
#include "model/json_reader.h"
#include "model/model.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Appends the names of the array V, called NAME, to IN's signals. */
static int append_signals(struct vr_json_reader *r, const json_t *v,
                          const char *field, const char *name,
                          struct vr_model_input *in) {
  size_t n = json_array_size(v), before = in->n_signals;
  if (!json_is_array(v) || n == 0 || before + n > VR_MODEL_MAX_SIGNALS)
    return vr_json_refuse(r, "%s%s: must be an array of 1 to %d names", field,
                          name, VR_MODEL_MAX_SIGNALS);
  char **all = reallocarray(in->signals, before + n, sizeof(*all));
  if (!all)
    return -ENOMEM;
  in->signals = all;
  for (size_t i = 0; i < n; i++) {
    const char *text = json_string_value(json_array_get(v, i));
    if (!text)
      return vr_json_refuse(r, "%s%s[%zu]: must be a string", field, name, i);
    all[before + i] = strdup(text);
    if (!all[before + i])
      return -ENOMEM;
    in->n_signals++;
  }
  return 0;
}

static int read_signals(struct vr_json_reader *r, const json_t *o,
                        const char *field, struct vr_model_input *in) {
  const char *transform = "none";
  int s =
      append_signals(r, json_object_get(o, "signals"), field, "signals", in);
  size_t n = in->n_signals;
  const json_t *busy = json_object_get(o, "per_idle");
  if (s == 0 && busy)
    s = append_signals(r, busy, field, "per_idle", in);
  in->n_busy = in->n_signals - n;
  if (s == 0)
    s = vr_json_string(r, o, "transform", "none", &transform);
  if (s < 0)
    return s;
  in->transform = strcmp(transform, "log1p") == 0 ? VR_LOG1P : VR_PLAIN;
  if (in->transform == VR_PLAIN && strcmp(transform, "none") != 0)
    return vr_json_refuse(r, "%stransform: \"%.60s\" is not known", field,
                          transform);
  return 0;
}

static int read_range(struct vr_json_reader *r, const json_t *o,
                      const char *field, struct vr_model_input *in) {
  in->range_min = -INFINITY;
  in->range_max = INFINITY;
  const json_t *v = json_object_get(o, "range");
  if (!v || json_is_null(v))
    return 0;
  const json_t *min = json_array_get(v, 0), *max = json_array_get(v, 1);
  if (json_array_size(v) != 2 || (!json_is_number(min) && !json_is_null(min)) ||
      (!json_is_number(max) && !json_is_null(max)))
    return vr_json_refuse(
        r, "%srange: must be [min, max], each a number or null", field);
  if (json_is_number(min))
    in->range_min = json_number_value(min);
  if (json_is_number(max))
    in->range_max = json_number_value(max);
  return 0;
}

static int read_per(struct vr_json_reader *r, const json_t *o,
                    const char *field, enum vr_per *ret) {
  const char *name = NULL;
  int s = vr_json_string(r, o, "per", "one", &name);
  if (s < 0)
    return s;
  if (vr_per_by_name(name, ret) < 0)
    return vr_json_refuse(r, "%sper: must be \"one\", \"vcpu\" or \"gib\"",
                          field);
  return 0;
}

static int read_input(struct vr_json_reader *r, const json_t *o,
                      const char *field, struct vr_model_input *in) {
  in->scale = 1;
  int s = read_signals(r, o, field, in);
  if (s == 0)
    s = vr_json_number(r, o, field, "scale", &in->scale);
  if (s == 0)
    s = vr_json_number(r, o, field, "offset", &in->offset);
  if (s == 0)
    s = read_per(r, o, field, &in->per);
  return s < 0 ? s : read_range(r, o, field, in);
}

/* The delay and the b of one input. */
static int read_input_arx(struct vr_json_reader *r, const json_t *o,
                          const char *field, struct vr_arx_input *x) {
  const json_t *delay = json_object_get(o, "delay");
  if (delay && !json_is_integer(delay))
    return vr_json_refuse(r, "%sdelay: must be an integer", field);
  json_int_t nk = json_integer_value(delay);
  if (nk < 0 || nk > VR_MODEL_MAX_NK)
    return vr_json_refuse(r, "%sdelay: must be 0 to %d", field,
                          VR_MODEL_MAX_NK);
  size_t nb = 0;
  int s = vr_json_numbers(r, o, field, "b", VR_MODEL_MAX_NB, &x->b, &nb);
  if (s < 0)
    return s;
  x->nk = (unsigned)nk;
  x->nb = (unsigned)nb;
  return 0;
}

static int read_inputs(struct vr_json_reader *r, const json_t *o,
                       struct vr_model *m) {
  static const char *const known[] = {
      "signals", "scale",    "per",       "offset", "range",
      "delay",   "per_idle", "transform", "b",      NULL};
  const json_t *v = json_object_get(o, "inputs");
  size_t n = json_array_size(v);
  if (!json_is_array(v) || n == 0 || n > VR_MODEL_MAX_INPUTS)
    return vr_json_refuse(r, "inputs: must be an array of 1 to %d",
                          VR_MODEL_MAX_INPUTS);
  m->inputs = calloc(n, sizeof(*m->inputs));
  m->arx.inputs = calloc(n, sizeof(*m->arx.inputs));
  if (!m->inputs || !m->arx.inputs)
    return -ENOMEM;
  m->n_inputs = n;
  m->arx.nu = (unsigned)n;
  for (size_t i = 0; i < n; i++) {
    const json_t *in = json_array_get(v, i);
    char field[32];
    snprintf(field, sizeof(field), "inputs[%zu].", i);
    int s = vr_json_check_members(r, in, field, known);
    if (s == 0)
      s = read_input(r, in, field, &m->inputs[i]);
    if (s == 0)
      s = read_input_arx(r, in, field, &m->arx.inputs[i]);
    if (s < 0)
      return s;
  }
  return 0;
}

static int read_a(struct vr_json_reader *r, const json_t *o,
                  struct vr_model *m) {
  if (!json_object_get(o, "a"))
    return 0;
  size_t n = 0;
  int s = vr_json_numbers(r, o, "", "a", VR_MODEL_MAX_NA + 1, &m->arx.a, &n);
  if (s < 0)
    return s;
  if (m->arx.a[0] != 1)
    return vr_json_refuse(r, "a: must begin with 1");
  m->arx.na = (unsigned)n - 1;
  return 0;
}

static int read_output(struct vr_json_reader *r, const json_t *o,
                       struct vr_model *m) {
  static const char *const known[] = {"offset", "per", "min", "max", NULL};
  m->output = (struct vr_model_output){.min = -INFINITY, .max = INFINITY};
  const json_t *v = json_object_get(o, "output");
  if (!v)
    return 0;
  int s = vr_json_check_members(r, v, "output", known);
  if (s == 0)
    s = vr_json_number(r, v, "output.", "offset", &m->output.offset);
  if (s == 0)
    s = vr_json_number(r, v, "output.", "min", &m->output.min);
  if (s == 0)
    s = vr_json_number(r, v, "output.", "max", &m->output.max);
  return s < 0 ? s : read_per(r, v, "output.", &m->output.per);
}

static int read_fit(struct vr_json_reader *r, const json_t *o,
                    struct vr_model *m) {
  static const char *const known[] = {"free_run", "one_step", "rows",
                                      "begin",    "end",      "snapshot",
                                      "expected", NULL};
  m->fit = (struct vr_model_fit){.free_run = NAN,
                                 .one_step = NAN,
                                 .snapshot = NAN,
                                 .expected = NAN,
                                 .begin = NAN,
                                 .end = NAN};
  const json_t *v = json_object_get(o, "fit");
  if (!v)
    return 0;
  int s = vr_json_check_members(r, v, "fit", known);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "free_run", &m->fit.free_run);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "one_step", &m->fit.one_step);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "rows", &m->fit.rows);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "snapshot", &m->fit.snapshot);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "expected", &m->fit.expected);
  m->fit.judged_twice = isfinite(m->fit.expected);
  if (s == 0)
    s = vr_json_number(r, v, "fit.", "begin", &m->fit.begin);
  return s < 0 ? s : vr_json_number(r, v, "fit.", "end", &m->fit.end);
}

static int read_gain(struct vr_json_reader *r, const json_t *v,
                     struct vr_model_baseline *b) {
  static const char *const known[] = {"input", "gain", "constant", "fit", NULL};
  static const char *const known_input[] = {"signals", "scale", "per",
                                            "offset",  "range", NULL};
  int s = vr_json_check_members(r, v, "baseline.gain", known);
  if (s < 0)
    return s;
  const json_t *in = json_object_get(v, "input");
  s = vr_json_check_members(r, in, "baseline.gain.input", known_input);
  if (s == 0)
    s = read_input(r, in, "baseline.gain.input.", &b->gain_input);
  if (s == 0)
    s = vr_json_number(r, v, "baseline.gain.", "gain", &b->gain);
  if (s == 0)
    s = vr_json_number(r, v, "baseline.gain.", "constant", &b->constant);
  if (s == 0)
    s = vr_json_number(r, v, "baseline.gain.", "fit", &b->gain_fit);
  b->has_gain = s == 0;
  return s;
}

static int read_baseline(struct vr_json_reader *r, const json_t *o,
                         struct vr_model *m) {
  static const char *const known[] = {"mean", "mean_fit", "gain", NULL};
  struct vr_model_baseline *b = &m->baseline;
  b->mean = b->mean_fit = b->gain_fit = NAN;
  const json_t *v = json_object_get(o, "baseline");
  if (!v)
    return 0;
  int s = vr_json_check_members(r, v, "baseline", known);
  if (s == 0)
    s = vr_json_number(r, v, "baseline.", "mean", &b->mean);
  if (s == 0)
    s = vr_json_number(r, v, "baseline.", "mean_fit", &b->mean_fit);
  const json_t *gain = json_object_get(v, "gain");
  return s < 0 || !gain ? s : read_gain(r, gain, b);
}

static int read_widths(struct vr_json_reader *r, const json_t *v,
                       struct vr_model_intervals *ret) {
  static const char *const known[] = {"signals", "scale", "per",
                                      "offset",  "range", NULL};
  size_t n = json_array_size(json_object_get(v, "half_widths"));
  if (n == 0 || n > VR_MODEL_MAX_REGIMES)
    return vr_json_refuse(r,
                          "intervals.half_widths: must be an array of 1 to %d",
                          VR_MODEL_MAX_REGIMES);
  ret->n_regimes = (unsigned)n;
  int s = vr_json_numbers_of(r, v, "half_widths", n, true, ret->half_width);
  if (s < 0)
    return s;
  const json_t *regime = json_object_get(v, "regime");
  if (n == 1)
    return regime || json_object_get(v, "edges")
               ? vr_json_refuse(
                     r, "intervals: one half-width needs no regime, no edges")
               : 0;
  s = vr_json_numbers_of(r, v, "edges", n - 1, false, ret->edges);
  if (s == 0)
    s = vr_json_check_members(r, regime, "intervals.regime", known);
  return s < 0 ? s : read_input(r, regime, "intervals.regime.", &ret->regime);
}

static int read_intervals(struct vr_json_reader *r, const json_t *o,
                          struct vr_model *m) {
  static const char *const known[] = {
      "level",    "half_widths",    "edges",          "regime",
      "coverage", "coverage_lower", "coverage_upper", NULL};
  struct vr_model_intervals *ret = &m->intervals;
  ret->coverage = ret->coverage_lower = ret->coverage_upper = NAN;
  const json_t *v = json_object_get(o, "intervals");
  if (!v)
    return 0;
  int s = vr_json_check_members(r, v, "intervals", known);
  if (s == 0 && !json_is_number(json_object_get(v, "level")))
    s = vr_json_refuse(r, "intervals.level: missing or not a number");
  if (s == 0)
    s = vr_json_number(r, v, "intervals.", "level", &ret->level);
  if (s == 0 && ret->level == 0)
    s = vr_json_refuse(r, "intervals.level: must lie between 0 and 1");
  if (s == 0)
    s = read_widths(r, v, ret);
  if (s == 0)
    s = vr_json_number(r, v, "intervals.", "coverage", &ret->coverage);
  if (s == 0)
    s = vr_json_number(r, v, "intervals.", "coverage_lower",
                       &ret->coverage_lower);
  return s < 0 ? s
               : vr_json_number(r, v, "intervals.", "coverage_upper",
                                &ret->coverage_upper);
}

static int read_steal_clock(struct vr_json_reader *r, const json_t *o,
                            enum vr_steal_clock *ret) {
  const json_t *has = json_object_get(o, "steal_clock");
  if (has && !json_is_boolean(has))
    return vr_json_refuse(r, "steal_clock: must be true or false");
  *ret = !has                ? VR_STEAL_CLOCK_UNKNOWN
         : json_is_true(has) ? VR_STEAL_CLOCK_PRESENT
                             : VR_STEAL_CLOCK_NONE;
  return 0;
}

/* The members that define what the model is for. */
static int read_head(struct vr_json_reader *r, const json_t *o,
                     struct vr_model *m) {
  const char *name = NULL;
  int s = vr_json_string(r, o, "counter", NULL, &name);
  if (s < 0)
    return s;
  if (vr_counter_by_name(name, &m->counter) < 0)
    return vr_json_refuse(r, "counter: \"%.60s\" is not known", name);
  size_t at = strlen(r->where);
  snprintf(r->where + at - 2, sizeof(r->where) - at + 2, " (%s): ", name);

  if ((s = vr_json_string(r, o, "provenance", NULL, &name)) < 0)
    return s;
  if (vr_provenance_by_name(name, &m->provenance) < 0)
    return vr_json_refuse(r, "provenance: \"%.60s\" is not known", name);
  if ((s = vr_json_string(r, o, "structure", NULL, &name)) < 0)
    return s;
  if (vr_model_structure_by_name(name, &m->structure) < 0)
    return vr_json_refuse(r, "structure: \"%.60s\" is not known", name);
  if ((s = vr_json_string(r, o, "accelerator", "any", &name)) < 0)
    return s;
  if (vr_accelerator_by_name(name, &m->accelerator) < 0)
    return vr_json_refuse(r, "accelerator: \"%.60s\" is not known", name);
  if ((s = read_steal_clock(r, o, &m->steal_clock)) < 0)
    return s;
  if ((s = vr_json_string(r, o, "host", "any", &name)) < 0)
    return s;
  m->nested = strcmp(name, "nested") == 0;
  if (!m->nested && strcmp(name, "any") != 0)
    return vr_json_refuse(r, "host: \"%.60s\" is not known", name);
  if ((s = vr_json_string(r, o, "guest", "*", &name)) < 0)
    return s;
  m->guest = strdup(name);
  return m->guest ? vr_json_number(r, o, "", "step", &m->step) : -ENOMEM;
}

static int read_model(struct vr_json_reader *r, const json_t *o, size_t index,
                      struct vr_model *m) {
  static const char *const known[] = {
      "counter",  "provenance", "guest",     "accelerator", "structure",
      "step",     "inputs",     "a",         "output",      "fit",
      "baseline", "publish",    "intervals", "steal_clock", "preferred",
      "host",     NULL};
  snprintf(r->where, sizeof(r->where), "model %zu: ", index);
  int s = vr_json_check_members(r, o, "models", known);
  if (s == 0)
    s = read_head(r, o, m);
  if (s == 0)
    s = read_inputs(r, o, m);
  if (s == 0)
    s = read_a(r, o, m);
  if (s == 0)
    s = read_output(r, o, m);
  if (s == 0)
    s = read_fit(r, o, m);
  if (s == 0)
    s = read_baseline(r, o, m);
  if (s == 0)
    s = read_intervals(r, o, m);
  if (s < 0)
    return s;
  const json_t *publish = json_object_get(o, "publish");
  if (publish && !json_is_boolean(publish))
    return vr_json_refuse(r, "publish: must be true or false");
  m->withheld = json_is_false(publish);
  const json_t *preferred = json_object_get(o, "preferred");
  if (preferred && !json_is_boolean(preferred))
    return vr_json_refuse(r, "preferred: must be true or false");
  m->preferred = json_is_true(preferred);
  if (m->preferred && m->provenance != VR_INFERRED)
    return vr_json_refuse(r, "preferred: only of an inferred model");
  struct vr_error e;
  return vr_model_check(m, &e) < 0 ? vr_json_refuse(r, "%.300s", e.message) : 0;
}

/* Everything outside "models". */
static int read_envelope(struct vr_json_reader *r, const json_t *root,
                         bool *ret_generic) {
  static const char *const known[] = {"format",  "version", "generator",
                                      "generic", "models",  NULL};
  const char *format = json_string_value(json_object_get(root, "format"));
  if (!format || strcmp(format, "vmrecon-model") != 0)
    return vr_json_refuse(r, "format: not a vmrecon-model file");
  const json_t *version = json_object_get(root, "version");
  json_int_t v = json_integer_value(version);
  if (!json_is_integer(version) || v < 1)
    return vr_json_refuse(r, "version: missing or not a number");
  if (v > VR_MODEL_FILE_VERSION)
    return vr_json_refuse(
        r,
        "version: %lld is later than %d, the latest that this "
        "program reads",
        (long long)v, VR_MODEL_FILE_VERSION);
  const json_t *generic = json_object_get(root, "generic");
  if (generic && !json_is_boolean(generic))
    return vr_json_refuse(r, "generic: must be true or false");
  *ret_generic = json_is_true(generic);
  if (!json_is_array(json_object_get(root, "models")))
    return vr_json_refuse(r, "models: missing or not an array");
  return vr_json_check_members(r, root, "file", known);
}

static int read_models(struct vr_json_reader *r, const json_t *root,
                       struct vr_model_set *set) {
  bool generic = false;
  int s = read_envelope(r, root, &generic);
  if (s < 0)
    return s;
  const json_t *array = json_object_get(root, "models");
  size_t n = json_array_size(array);
  set->models = calloc(n ? n : 1, sizeof(*set->models));
  if (!set->models)
    return -ENOMEM;
  set->n_models = n;
  for (size_t i = 0; i < n && s == 0; i++) {
    set->models[i].generic = generic;
    s = read_model(r, json_array_get(array, i), i, &set->models[i]);
  }
  return s;
}

int vr_model_file_parse(const char *path, const char *text, size_t length,
                        struct vr_model_set *ret_set,
                        struct vr_error *ret_error) {
  struct vr_json_reader r = {.path = path, .error = ret_error};
  json_error_t at;
  json_auto_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &at);
  if (!root)
    return vr_json_refuse(&r, "line %d column %d: %s", at.line, at.column,
                          at.text);

  struct vr_model_set set = {0};
  int s = read_models(&r, root, &set);
  if (s == -ENOMEM)
    snprintf(ret_error->message, sizeof(ret_error->message),
             "%.180s: out of memory", path);
  if (s < 0)
    vr_model_set_clear(&set);
  else
    *ret_set = set;
  return s;
}

int vr_model_file_read(const char *path, struct vr_model_set *ret_set,
                       struct vr_error *ret_error) {
  vr_auto_free char *text = NULL;
  size_t length = 0;
  int s = vr_file_read(path, VR_MODEL_FILE_MAX, &text, &length);
  if (s < 0) {
    struct vr_json_reader r = {.path = path, .error = ret_error};
    vr_json_refuse(&r, "cannot read: %s", vr_safe_why(s));
    return s;
  }
  return vr_model_file_parse(path, text, length, ret_set, ret_error);
}
