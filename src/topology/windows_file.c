/* SPDX-License-Identifier: MIT */
#include "topology/windows_file.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "topology/parse_json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

enum { MAX_FILE = 256 << 20, MAX_WINDOWS = 100000 };

static int wrong(const char *name, struct vr_error *e, const char *where,
                 const char *what) {
  return vr_error_set(e, -EINVAL, "%.200s: %s %s", name, where, what);
}

static const char *name_in(const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  size_t n = json_string_length(v);
  return json_is_string(v) && n > 0 && n < VR_FIELD_SIZE ? json_string_value(v)
                                                         : NULL;
}

static int take_pair(const char *name, struct vr_windows *w, const json_t *o,
                     const char *where, struct vr_error *e) {
  const char *from = name_in(o, "from"), *to = name_in(o, "to");
  const json_t *bytes = json_object_get(o, "bytes_per_second");
  if (!from || !to)
    return wrong(name, e, where,
                 "needs \"from\" and \"to\", names of at most 127 bytes");
  if (!json_is_number(bytes) || !(json_number_value(bytes) >= 0) ||
      json_number_value(bytes) > 1e15)
    return wrong(name, e, where,
                 "needs \"bytes_per_second\", a number that is not negative");
  int r =
      vr_windows_add(w, from, to, VR_WINDOWS_SENDER, json_number_value(bytes));
  return r < 0 ? vr_error_set(e, r, "%.200s: %s: %s", name, where,
                              r == -ENOSPC ? "too many guests or pairs"
                                           : strerror(-r))
               : 0;
}

static int take_windows(const char *name, struct vr_windows *w,
                        const json_t *windows, struct vr_error *e) {
  size_t n = json_array_size(windows);
  if (!json_is_array(windows) || n == 0 || n > MAX_WINDOWS)
    return wrong(name, e, "windows", "must be an array of 1 window or more");
  for (size_t i = n > VR_WINDOWS ? n - VR_WINDOWS : 0; i < n; i++) {
    const json_t *pairs = json_array_get(windows, i), *pair;
    char where[64];
    size_t k;
    snprintf(where, sizeof(where), "windows[%zu]", i);
    if (!json_is_array(pairs))
      return wrong(name, e, where, "must be an array of pairs");
    json_array_foreach(pairs, k, pair) {
      snprintf(where, sizeof(where), "windows[%zu][%zu]", i, k);
      int r = take_pair(name, w, pair, where, e);
      if (r < 0)
        return r;
    }
    vr_windows_close(w);
  }
  return 0;
}

static int take_guests(const char *name, struct vr_survey *s,
                       const json_t *guests, struct vr_error *e) {
  const json_t *o;
  size_t k;
  if (guests && !json_is_array(guests))
    return wrong(name, e, "guests", "must be an array");
  json_array_foreach(guests, k, o) {
    char where[64];
    const char *guest = name_in(o, "name"), *host = name_in(o, "host");
    snprintf(where, sizeof(where), "guests[%zu]", k);
    if (!guest || !host)
      return wrong(name, e, where,
                   "needs \"name\" and \"host\", names of at most 127 bytes");
    int r = vr_survey_place(s, guest, host);
    if (r < 0)
      return vr_error_set(e, r, "%.200s: %s: too many", name, where);
  }
  return 0;
}

int vr_windows_parse(const char *name, const char *text, struct vr_windows *w,
                     struct vr_survey *s, struct vr_error *ret_error) {
  json_auto_t *root = vr_parse_json(name, text, 0, ret_error);
  if (!root)
    return -EINVAL;
  const char *format = json_string_value(json_object_get(root, "format"));
  if (!format || strcmp(format, "vmrecon-windows") != 0)
    return wrong(name, ret_error, "format", "must be \"vmrecon-windows\"");
  if (json_integer_value(json_object_get(root, "version")) != 1)
    return wrong(name, ret_error, "version", "must be 1");
  int r = take_guests(name, s, json_object_get(root, "guests"), ret_error);
  return r < 0 ? r
               : take_windows(name, w, json_object_get(root, "windows"),
                              ret_error);
}

int vr_windows_read(const char *path, struct vr_windows *w, struct vr_survey *s,
                    struct vr_error *ret_error) {
  vr_auto_free char *text = NULL;
  int r = vr_file_read_text(path, MAX_FILE, &text, ret_error);
  if (r < 0)
    return r;
  return vr_windows_parse(path, text, w, s, ret_error);
}

static json_t *pairs_array(const struct vr_matrix *m) {
  json_t *pairs = json_array();
  for (size_t i = 0; i < m->n; i++)
    for (size_t j = 0; j < m->n; j++)
      if (m->rate[i * m->n + j] > 0)
        json_array_append_new(pairs,
                              json_pack("{s:s, s:s, s:f}", "from", m->names[i],
                                        "to", m->names[j], "bytes_per_second",
                                        m->rate[i * m->n + j]));
  return pairs;
}

static json_t *guests_array(const struct vr_survey *s) {
  json_t *guests = json_array();
  for (size_t i = 0; i < s->n_guests; i++)
    if (s->guests[i].host[0])
      json_array_append_new(guests,
                            json_pack("{s:s, s:s}", "name", s->guests[i].name,
                                      "host", s->guests[i].host));
  return guests;
}

char *vr_windows_format(const struct vr_matrix *m, const struct vr_survey *s) {
  json_auto_t *root = json_pack("{s:s, s:i, s:o, s:[o]}", "format",
                                "vmrecon-windows", "version", 1, "guests",
                                guests_array(s), "windows", pairs_array(m));
  return root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(12))
              : NULL;
}
