/* SPDX-License-Identifier: MIT */
#include "archive/prometheus_slices.h"

#include "basic/array.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Samples that a slice is to have, so that it has fewer than 11 000 even where
 * they come faster for a while; the first slice, which is to show how fast, and
 * the shortest one, in seconds. */
enum { SLICE_SAMPLES = 8000, FIRST_SLICE = 3600, SHORTEST_SLICE = 60 };

/* Of one series: as many as a span may have rows (train/data/span.c). */
enum { MAX_SAMPLES = 20 * 1000 * 1000 };

/* TEXT is a number as Prometheus prints it. */
static bool take_number(const json_t *json, double *ret) {
  const char *text = json_string_value(json);
  char *rest;
  if (!text || !*text)
    return false;
  *ret = strtod(text, &rest);
  return *rest == '\0';
}

/* [1795417281.123, "17"]: times are of whole milliseconds. */
static bool take_sample(const json_t *pair, struct vr_prometheus_sample *ret) {
  const json_t *time = json_array_get(pair, 0);
  if (!json_is_number(time) || !(fabs(json_number_value(time)) < 4e9))
    return false;
  ret->time = llround(1e3 * json_number_value(time)) * (VR_SECOND / 1000);
  return take_number(json_array_get(pair, 1), &ret->value);
}

/* Appends VALUES; what is not later than what there is was in the slice before,
 * or is out of place. */
static int take_values(const json_t *values, struct vr_prometheus_series *s,
                       size_t *ret_n) {
  size_t i;
  json_t *pair;
  *ret_n = json_array_size(values);
  if (vr_array_reserve(&s->all, &s->capacity, s->n + *ret_n + 1) < 0)
    return -ENOMEM;
  json_array_foreach(values, i, pair) {
    struct vr_prometheus_sample *to = &s->all[s->n];
    if (!take_sample(pair, to))
      return -EINVAL;
    if (s->n == 0 || to->time > to[-1].time)
      s->n++;
  }
  return 0;
}

int vr_prometheus_take(const json_t *data, size_t n_labels,
                       struct vr_prometheus_series *s, size_t *ret_n) {
  const char *type = json_string_value(json_object_get(data, "resultType"));
  const json_t *result = json_object_get(data, "result");
  size_t i;
  json_t *one;
  *ret_n = 0;
  if (!type || strcmp(type, "matrix") != 0 || !json_is_array(result))
    return -EINVAL;
  json_array_foreach(result, i, one) {
    const json_t *values = json_object_get(one, "values");
    if (json_object_size(json_object_get(one, "metric")) == n_labels && values)
      return take_values(values, s, ret_n);
  }
  return 0;
}

/* The slice of LENGTH seconds that ends at END. *ret_n: how many samples it
 * had. */
static int ask(struct vr_prometheus_query *q, const char *selector,
               size_t n_labels, double length, double end,
               struct vr_prometheus_series *s, size_t *ret_n,
               struct vr_error *ret_error) {
  vr_auto_free char *query = NULL;
  char time[40];
  json_auto_t *data = NULL;
  /* From version 3 on Prometheus leaves out the range's very begin. */
  if (asprintf(&query, "%s[%.0fms]", selector, ceil(1e3 * length)) < 0) {
    query = NULL;
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  snprintf(time, sizeof(time), "%.3f", end);
  const struct vr_prometheus_parameter parameters[] = {
      {"query", query}, {"time", time}, {NULL, NULL}};
  int r = vr_prometheus_query(q, "query", parameters, &data, ret_error);
  if (r < 0)
    return r;
  r = vr_prometheus_take(data, n_labels, s, ret_n);
  if (r == -ENOMEM)
    return vr_error_set(ret_error, r, "%s", strerror(ENOMEM));
  return r < 0 ? vr_error_set(ret_error, r,
                              "%.150s: no samples in what it answers",
                              vr_prometheus_transport_name(q->transport))
               : 0;
}

/* How long the slice after one of LENGTH seconds with N samples is to be. */
static double next_length(double length, size_t n) {
  double factor = n > 0 ? (double)SLICE_SAMPLES / (double)n : 16;
  return fmax(length * fmin(factor, 16), SHORTEST_SLICE);
}

/* The message of Q's error, with the series. */
static int about(const char *selector, int code, struct vr_error *ret_error) {
  struct vr_error before = *ret_error;
  return vr_error_set(ret_error, code, "%.350s: %.280s", before.message,
                      selector);
}

int vr_prometheus_slices(struct vr_prometheus_query *q, const char *selector,
                         size_t n_labels, double begin, double end,
                         struct vr_prometheus_series *ret_series,
                         struct vr_error *ret_error) {
  double length = FIRST_SLICE;
  for (double at = begin; at < end;) {
    size_t n = 0;
    double to = fmin(at + length, end);
    int r = ask(q, selector, n_labels, to - at, to, ret_series, &n, ret_error);
    if (r == -E2BIG && to - at > SHORTEST_SLICE) {
      length = fmax((to - at) / 2, SHORTEST_SLICE);
      continue;
    }
    if (r < 0)
      return about(selector, r, ret_error);
    if (ret_series->n > MAX_SAMPLES)
      return vr_error_set(
          ret_error, -E2BIG,
          "%.400s: more than %d samples; give --start and --end", selector,
          MAX_SAMPLES);
    at = to;
    length = next_length(length, n);
  }
  return 0;
}
