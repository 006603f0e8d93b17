/* SPDX-License-Identifier: MIT */
#include "live/state_line.h"

#include "basic/cleanup.h"
#include "live/fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Ticks of the shortest step since the epoch stay below it: a tick beyond is no
 * tick, and must not be computed with. */
#define LARGEST_TICK (INT64_MAX / (VR_SECOND / 1000))

enum {
  /* Where the state of a run of version 1 lacks two numbers, both 0. */
  V1_GAP_AT = 6,
  V1_GAP = 2,
};

/* --- writing --- */

static json_t *total_array(const struct vr_total *t) {
  return json_pack("[I, f, I]", (json_int_t)t->total, t->fraction,
                   (json_int_t)t->last);
}

static json_t *totals_object(const struct vr_total *totals) {
  json_t *o = json_object();
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_total *t = &totals[c];
    if (t->total != 0 || t->fraction != 0 || t->last != 0)
      json_object_set_new(o, vr_counter_info((enum vr_counter)c)->name,
                          total_array(t));
  }
  return o;
}

static json_t *run_object(const struct vr_saved_run *run) {
  json_t *state = json_array();
  for (size_t i = 0; i < run->n; i++)
    json_array_append_new(state, json_real(run->values[i]));
  char model[17];
  snprintf(model, sizeof(model), "%016" PRIx64, run->fingerprint);
  return json_pack("{s:s, s:I, s:o}", run->is_v3 ? "model_v3" : "model", model,
                   "tick", (json_int_t)run->tick, "state", state);
}

static json_t *runs_array(const struct vr_saved_guest *saved) {
  json_t *runs = json_array();
  for (size_t i = 0; i < saved->n_runs; i++)
    if (!saved->runs[i].done)
      json_array_append_new(runs, run_object(&saved->runs[i]));
  return runs;
}

static json_t *held_object(const struct vr_saved_held *h) {
  char model[17];
  bool three = isfinite(h->midterm) && isfinite(h->longterm);
  snprintf(model, sizeof(model), "%016" PRIx64, h->fingerprint);
  json_t *values =
      three ? json_pack("[f, f, f]", h->value, h->midterm, h->longterm)
            : json_pack("[f]", h->value);
  return json_pack("{s:s, s:I, s:I, s:o}", "model", model, "end",
                   (json_int_t)h->end, "until", (json_int_t)h->until, "values",
                   values);
}

static json_t *all_held(const struct vr_saved_held *held) {
  json_t *o = json_object();
  for (int c = 0; c < VR_COUNTERS; c++)
    if (held[c].end > 0)
      json_object_set_new(o, vr_counter_info((enum vr_counter)c)->name,
                          held_object(&held[c]));
  return o;
}

int vr_live_state_line_write(FILE *f, const char *host, const char *guest,
                             const struct vr_saved_guest *saved) {
  json_auto_t *host_name = json_string(host), *guest_name = json_string(guest);
  if (!host_name || !guest_name)
    return -EILSEQ;
  json_auto_t *o = json_pack(
      "{s:O, s:O, s:b, s:b, s:o, s:o, s:o, s:o}", "host", host_name, "guest",
      guest_name, "range_alarm", saved->range_alarm, "drifted", saved->drifted,
      "totals", totals_object(saved->totals), "model_totals",
      totals_object(saved->model_totals), "runs", runs_array(saved), "held",
      all_held(saved->held));
  if (!o)
    return -ENOMEM;
  int r = json_dumpf(o, f, JSON_COMPACT | JSON_REAL_PRECISION(17));
  return r < 0 || fputc('\n', f) == EOF ? -EIO : 0;
}

/* --- reading totals --- */

/* From element AT of ARRAY on: total, fraction and, where there are three
 * numbers, the time. */
static bool read_total(const json_t *array, size_t at, size_t numbers,
                       struct vr_total *ret_total) {
  const json_t *total = json_array_get(array, at),
               *fraction = json_array_get(array, at + 1),
               *last = json_array_get(array, at + 2);
  if (!json_is_integer(total) || !json_is_number(fraction) ||
      (numbers == 3 && !json_is_integer(last)))
    return false;
  struct vr_total t = {.total = json_integer_value(total)};
  double part = json_number_value(fraction);
  t.fraction = part >= 0 && part < 1 ? part : 0;
  t.last = numbers == 3 ? json_integer_value(last) : 0;
  if (t.last < 0 || t.last > INT64_MAX / 2)
    return false;
  *ret_total = t;
  return true;
}

static bool read_totals(json_t *object, struct vr_total *totals) {
  const char *name;
  json_t *value;
  if (!json_is_object(object))
    return false;
  json_object_foreach(object, name, value) {
    enum vr_counter c;
    if (vr_counter_by_name(name, &c) == 0 &&
        !read_total(value, 0, 3, &totals[c]))
      return false;
  }
  return true;
}

/* Of as many counters as the writer had, in the order in which they were added
 * to the table. */
static bool read_totals_v3(const json_t *array, int version,
                           struct vr_total *totals) {
  size_t numbers = version == 3 ? 3 : 2, n = json_array_size(array) / numbers;
  if (!json_is_array(array) || json_array_size(array) % numbers != 0)
    return false;
  for (size_t i = 0; i < n; i++) {
    const char *name = vr_live_counter_v3(i);
    enum vr_counter c;
    if (name && vr_counter_by_name(name, &c) == 0 &&
        !read_total(array, numbers * i, numbers, &totals[c]))
      return false;
  }
  return true;
}

/* --- reading runs --- */

static bool read_fingerprint(const json_t *o, int version,
                             struct vr_saved_run *run) {
  const char *v3 = json_string_value(json_object_get(o, "model_v3"));
  const char *model = json_string_value(json_object_get(o, "model"));
  run->is_v3 = version < 4 || v3;
  model = v3 ? v3 : model;
  return model && sscanf(model, "%" SCNx64, &run->fingerprint) == 1;
}

/* RUN's n values, with a gap of zeros in what is of version 1. */
static bool read_values(const json_t *state, int version,
                        struct vr_saved_run *run) {
  for (size_t i = 0, from = 0; i < run->n; i++) {
    bool gap = version == 1 && i >= V1_GAP_AT && i < V1_GAP_AT + V1_GAP;
    const json_t *v = gap ? NULL : json_array_get(state, from++);
    if (!gap && !json_is_number(v))
      return false;
    run->values[i] = gap ? 0 : json_number_value(v);
  }
  return true;
}

static bool read_run(const json_t *o, int version, struct vr_saved_run *run) {
  const json_t *tick = json_object_get(o, "tick"),
               *state = json_object_get(o, "state");
  run->tick = json_integer_value(tick);
  if (!read_fingerprint(o, version, run) || !json_is_integer(tick) ||
      run->tick < 0 || run->tick > LARGEST_TICK || json_array_size(state) == 0)
    return false;
  run->n = json_array_size(state) + (version == 1 ? V1_GAP : 0);
  run->values = calloc(run->n, sizeof(*run->values));
  return run->values && read_values(state, version, run);
}

static bool read_runs(const json_t *array, int version,
                      struct vr_saved_guest *saved) {
  size_t n = json_array_size(array);
  saved->runs = calloc(n ? n : 1, sizeof(*saved->runs));
  if (!saved->runs || !json_is_array(array))
    return false;
  for (size_t i = 0; i < n; i++) {
    saved->n_runs++;
    if (!read_run(json_array_get(array, i), version, &saved->runs[i]))
      return false;
  }
  return true;
}

/* --- reading what was held --- */

/* A value that is none of use is as good as none. */
static bool read_held(const json_t *o, struct vr_saved_held *ret) {
  const char *model = json_string_value(json_object_get(o, "model"));
  const json_t *values = json_object_get(o, "values");
  struct vr_saved_held h = {
      .end = json_integer_value(json_object_get(o, "end")),
      .until = json_integer_value(json_object_get(o, "until")),
      .midterm = NAN,
      .longterm = NAN};
  if (!model || sscanf(model, "%" SCNx64, &h.fingerprint) != 1 || h.end <= 0 ||
      h.until <= h.end || h.until > INT64_MAX / 2 ||
      !json_is_number(json_array_get(values, 0)))
    return false;
  h.value = json_number_value(json_array_get(values, 0));
  if (json_array_size(values) == 3) {
    h.midterm = json_number_value(json_array_get(values, 1));
    h.longterm = json_number_value(json_array_get(values, 2));
  }
  *ret = h;
  return true;
}

static void read_all_held(json_t *object, struct vr_saved_held *held) {
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value) {
    enum vr_counter c;
    if (vr_counter_by_name(name, &c) == 0)
      read_held(value, &held[c]);
  }
}

/* --- reading a line --- */

static bool set_key(struct vr_saved_guest *saved, const char *host,
                    const char *guest) {
  size_t h = strlen(host) + 1, g = strlen(guest) + 1;
  saved->key = malloc(h + g);
  if (!saved->key)
    return false;
  memcpy(saved->key, host, h);
  memcpy(saved->key + h, guest, g);
  saved->key_length = h + g;
  return true;
}

/* What is wrong with the guest O; NULL if nothing is. */
static const char *read_guest(const json_t *o, int version,
                              struct vr_saved_guest *saved) {
  const char *host = json_string_value(json_object_get(o, "host"));
  const char *guest = json_string_value(json_object_get(o, "guest"));
  if (!host || !guest)
    return "no host or no guest";
  if (!set_key(saved, host, guest))
    return "out of memory";
  json_t *totals = json_object_get(o, "totals"),
         *model_totals = json_object_get(o, "model_totals");
  bool ok = version >= 4 ? read_totals(totals, saved->totals) &&
                               read_totals(model_totals, saved->model_totals)
                         : read_totals_v3(totals, version, saved->totals) &&
                               read_totals_v3(model_totals, version,
                                              saved->model_totals);
  if (!ok)
    return "bad totals";
  if (!read_runs(json_object_get(o, "runs"), version, saved))
    return "bad runs";
  read_all_held(json_object_get(o, "held"), saved->held);
  saved->range_alarm = json_is_true(json_object_get(o, "range_alarm"));
  saved->drifted = json_is_true(json_object_get(o, "drifted"));
  return NULL;
}

/* The text after "KEY":" in LINE, for messages: the line may be cut, so that it
 * is no JSON. *ret_length is 0 where there is none. */
static const char *text_after(const char *line, const char *key,
                              int *ret_length) {
  const char *at = strstr(line, key);
  at = at ? at + strlen(key) : "";
  *ret_length = (int)strcspn(at, "\"\\\n");
  return at;
}

static int fail(const char *line, const char *what,
                struct vr_error *ret_error) {
  int h, g;
  const char *host = text_after(line, "\"host\":\"", &h),
             *guest = text_after(line, "\"guest\":\"", &g);
  if (h == 0 || g == 0)
    return vr_error_set(ret_error, -EINVAL, "a guest without a name: %s", what);
  return vr_error_set(ret_error, -EINVAL, "guest %.*s on %.*s: %s",
                      g < 100 ? g : 100, guest, h < 100 ? h : 100, host, what);
}

int vr_live_state_line_read(const char *line, int version,
                            struct vr_saved_guest **ret_saved,
                            struct vr_error *ret_error) {
  json_error_t e;
  json_auto_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &e);
  if (!o)
    return fail(line, e.text, ret_error);
  struct vr_saved_guest *saved = calloc(1, sizeof(*saved));
  const char *wrong = saved ? read_guest(o, version, saved) : "out of memory";
  if (wrong) {
    vr_live_saved_guest_free(saved);
    return fail(line, wrong, ret_error);
  }
  *ret_saved = saved;
  return 0;
}
