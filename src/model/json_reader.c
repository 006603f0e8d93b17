/* SPDX-License-Identifier: MIT */
#include "model/json_reader.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int vr_json_refuse(struct vr_json_reader *r, const char *format, ...) {
  char what[320];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof(what), format, args);
  va_end(args);
  snprintf(r->error->message, sizeof(r->error->message), "%.180s: %s%s",
           r->path, r->where, what);
  return -EINVAL;
}

int vr_json_check_members(struct vr_json_reader *r, const json_t *o,
                          const char *field, const char *const *known) {
  if (!json_is_object(o))
    return vr_json_refuse(r, "%s: must be an object", field);
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)o, key, value) {
    size_t i = 0;
    while (known[i] && strcmp(known[i], key) != 0)
      i++;
    if (!known[i] && strcmp(key, "comment") != 0)
      return vr_json_refuse(r, "%s: unknown member \"%.60s\"", field, key);
  }
  return 0;
}

int vr_json_number(struct vr_json_reader *r, const json_t *o, const char *field,
                   const char *key, double *ret) {
  const json_t *v = json_object_get(o, key);
  if (!v || json_is_null(v))
    return 0;
  if (!json_is_number(v))
    return vr_json_refuse(r, "%s%s: must be a number", field, key);
  double value = json_number_value(v);
  if (!isfinite(value))
    return vr_json_refuse(r, "%s%s: must be finite", field, key);
  *ret = value;
  return 0;
}

int vr_json_string(struct vr_json_reader *r, const json_t *o, const char *key,
                   const char *fallback, const char **ret) {
  const json_t *v = json_object_get(o, key);
  if (!v && fallback) {
    *ret = fallback;
    return 0;
  }
  if (!json_is_string(v))
    return vr_json_refuse(r, "%s: %s", key, v ? "must be a string" : "missing");
  *ret = json_string_value(v);
  return 0;
}

int vr_json_numbers(struct vr_json_reader *r, const json_t *o,
                    const char *field, const char *key, size_t max,
                    double **ret, size_t *ret_n) {
  const json_t *v = json_object_get(o, key);
  size_t n = json_array_size(v);
  if (!json_is_array(v) || n == 0)
    return vr_json_refuse(r, "%s%s: %s", field, key,
                          v ? "must be an array of numbers" : "missing");
  if (n > max)
    return vr_json_refuse(r, "%s%s: more than %zu coefficients", field, key,
                          max);
  vr_auto_free double *values = calloc(n, sizeof(*values));
  if (!values)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    const json_t *e = json_array_get(v, i);
    values[i] = json_number_value(e);
    if (!json_is_number(e) || !isfinite(values[i]))
      return vr_json_refuse(r, "%s%s[%zu]: must be a finite number", field, key,
                            i);
  }
  *ret = vr_steal(&values);
  *ret_n = n;
  return 0;
}

int vr_json_numbers_of(struct vr_json_reader *r, const json_t *o,
                       const char *key, size_t n, bool nulls, double *ret) {
  const json_t *v = json_object_get(o, key);
  if (!json_is_array(v) || json_array_size(v) != n)
    return vr_json_refuse(r, "intervals.%s: must be an array of %zu", key, n);
  for (size_t i = 0; i < n; i++) {
    const json_t *e = json_array_get(v, i);
    if (!json_is_number(e) && !(nulls && json_is_null(e)))
      return vr_json_refuse(r, "intervals.%s[%zu]: must be a number%s", key, i,
                            nulls ? " or null" : "");
    ret[i] = json_is_number(e) ? json_number_value(e) : INFINITY;
  }
  return 0;
}
