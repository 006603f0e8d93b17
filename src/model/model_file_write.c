/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "basic/file.h"
#include "model/model.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

/* jansson's setters take NULL for an error and pass it on, so that one look at
 * the end is enough: every set_ below clears *ok instead of returning. */
static void set(json_t *object, const char *key, json_t *value, bool *ok) {
  if (json_object_set_new(object, key, value) < 0)
    *ok = false;
}

static void set_number(json_t *object, const char *key, double value,
                       bool *ok) {
  if (isfinite(value))
    set(object, key, json_real(value), ok);
}

static json_t *numbers(const double *values, size_t n, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(array, json_real(values[i])) < 0)
      *ok = false;
  return array;
}

/* N numbers, null for what is not finite. */
static json_t *numbers_or_null(const double *values, size_t n, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++)
    if (json_array_append_new(array, isfinite(values[i]) ? json_real(values[i])
                                                         : json_null()) < 0)
      *ok = false;
  return array;
}

static json_t *input_object(const struct vr_model_input *in, bool *ok) {
  json_t *o = json_object(), *signals = json_array();
  json_t *busy = in->n_busy > 0 ? json_array() : NULL;
  for (size_t i = 0; i < in->n_signals; i++)
    if (json_array_append_new(i < in->n_signals - in->n_busy ? signals : busy,
                              json_string(in->signals[i])) < 0)
      *ok = false;
  set(o, "signals", signals, ok);
  if (busy)
    set(o, "per_idle", busy, ok);
  if (in->transform == VR_LOG1P)
    set(o, "transform", json_string("log1p"), ok);
  set_number(o, "scale", in->scale, ok);
  set(o, "per", json_string(vr_per_name(in->per)), ok);
  set_number(o, "offset", in->offset, ok);
  const double range[] = {in->range_min, in->range_max};
  if (isfinite(range[0]) || isfinite(range[1]))
    set(o, "range", numbers_or_null(range, 2, ok), ok);
  return o;
}

static json_t *inputs_array(const struct vr_model *m, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < m->n_inputs; i++) {
    const struct vr_arx_input *x = &m->arx.inputs[i];
    json_t *o = input_object(&m->inputs[i], ok);
    set(o, "delay", json_integer(x->nk), ok);
    set(o, "b", numbers(x->b, x->nb, ok), ok);
    if (json_array_append_new(array, o) < 0)
      *ok = false;
  }
  return array;
}

static json_t *output_object(const struct vr_model_output *out, bool *ok) {
  json_t *o = json_object();
  set_number(o, "offset", out->offset, ok);
  set(o, "per", json_string(vr_per_name(out->per)), ok);
  set_number(o, "min", out->min, ok);
  set_number(o, "max", out->max, ok);
  return o;
}

static json_t *fit_object(const struct vr_model_fit *fit, bool *ok) {
  json_t *o = json_object();
  set_number(o, "free_run", fit->free_run, ok);
  set_number(o, "one_step", fit->one_step, ok);
  if (fit->judged_twice) {
    set_number(o, "snapshot", fit->snapshot, ok);
    set_number(o, "expected", fit->expected, ok);
  }
  set_number(o, "rows", fit->rows, ok);
  set_number(o, "begin", fit->begin, ok);
  set_number(o, "end", fit->end, ok);
  return o;
}

static json_t *baseline_object(const struct vr_model_baseline *b, bool *ok) {
  json_t *o = json_object();
  set_number(o, "mean", b->mean, ok);
  set_number(o, "mean_fit", b->mean_fit, ok);
  if (b->has_gain) {
    json_t *gain = json_object();
    set(gain, "input", input_object(&b->gain_input, ok), ok);
    set_number(gain, "gain", b->gain, ok);
    set_number(gain, "constant", b->constant, ok);
    set_number(gain, "fit", b->gain_fit, ok);
    set(o, "gain", gain, ok);
  }
  return o;
}

static json_t *intervals_object(const struct vr_model_intervals *v, bool *ok) {
  json_t *o = json_object();
  set_number(o, "level", v->level, ok);
  set(o, "half_widths", numbers_or_null(v->half_width, v->n_regimes, ok), ok);
  if (v->n_regimes > 1) {
    set(o, "edges", numbers(v->edges, v->n_regimes - 1, ok), ok);
    set(o, "regime", input_object(&v->regime, ok), ok);
  }
  set_number(o, "coverage", v->coverage, ok);
  set_number(o, "coverage_lower", v->coverage_lower, ok);
  set_number(o, "coverage_upper", v->coverage_upper, ok);
  return o;
}

static json_t *model_object(const struct vr_model *m, bool *ok) {
  json_t *o = json_object();
  set(o, "counter", json_string(vr_counter_info(m->counter)->name), ok);
  set(o, "provenance", json_string(vr_provenance_name(m->provenance)), ok);
  set(o, "guest", json_string(m->guest), ok);
  set(o, "accelerator", json_string(vr_accelerator_name(m->accelerator)), ok);
  if (m->steal_clock != VR_STEAL_CLOCK_UNKNOWN)
    set(o, "steal_clock",
        json_boolean(m->steal_clock == VR_STEAL_CLOCK_PRESENT), ok);
  if (m->nested)
    set(o, "host", json_string("nested"), ok);
  set(o, "structure", json_string(vr_model_structure_name(m->structure)), ok);
  set_number(o, "step", m->step, ok);
  set(o, "inputs", inputs_array(m, ok), ok);
  if (m->arx.na > 0)
    set(o, "a", numbers(m->arx.a, m->arx.na + 1, ok), ok);
  set(o, "output", output_object(&m->output, ok), ok);
  set(o, "fit", fit_object(&m->fit, ok), ok);
  if (m->withheld)
    set(o, "publish", json_false(), ok);
  if (m->preferred)
    set(o, "preferred", json_true(), ok);
  set(o, "baseline", baseline_object(&m->baseline, ok), ok);
  if (m->intervals.level > 0)
    set(o, "intervals", intervals_object(&m->intervals, ok), ok);
  return o;
}

static int fail(struct vr_error *e, const char *path, int r) {
  snprintf(e->message, sizeof(e->message), "%s: cannot write: %s", path,
           strerror(-r));
  return r;
}

/* The version that has all that is said of the models. */
static int version_of(const struct vr_model_set *models) {
  int version = VR_MODEL_FILE_COMMON;
  for (size_t i = 0; i < models->n_models; i++) {
    int v = vr_model_version(&models->models[i]);
    version = v > version ? v : version;
  }
  return version;
}

int vr_model_file_write(const char *path, const struct vr_model_set *models,
                        bool generic, const char *generator,
                        struct vr_error *ret_error) {
  bool ok = true;
  json_auto_t *root = json_object();
  set(root, "format", json_string("vmrecon-model"), &ok);
  set(root, "version", json_integer(version_of(models)), &ok);
  set(root, "generator", json_string(generator), &ok);
  set(root, "generic", json_boolean(generic), &ok);
  json_t *array = json_array();
  set(root, "models", array, &ok);
  for (size_t i = 0; i < models->n_models; i++) {
    /* What this program would refuse to read, it does not write. */
    struct vr_error e;
    if (vr_model_check(&models->models[i], &e) < 0) {
      snprintf(ret_error->message, sizeof(ret_error->message),
               "%.150s: model %zu (%s): %.300s", path, i,
               vr_counter_info(models->models[i].counter)->name, e.message);
      return -EINVAL;
    }
    if (json_array_append_new(array, model_object(&models->models[i], &ok)) < 0)
      ok = false;
  }
  vr_auto_free char *text =
      ok ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
  if (!text)
    return fail(ret_error, path, -ENOMEM);
  int r = vr_file_write_atomic(path, text, strlen(text));
  return r < 0 ? fail(ret_error, path, r) : 0;
}
