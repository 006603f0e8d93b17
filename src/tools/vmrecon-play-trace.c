/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-trace.h"

#include "tools/vmrecon-play-rrd.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/sort.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LONGEST = 1e7;       /* values: four months of seconds */
static const double MOST_SECONDS = 1e10; /* three hundred years */

/* What was read, line by line. */
struct lines {
  double *time, *value;
  size_t count, capacity;
  bool timed;
};

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The first two columns; how many there are of them: 0, 1 or 2. */
static int columns(const char *line, double ret[2]) {
  char *end;
  ret[0] = strtod(line, &end);
  if (end == line)
    return 0;
  const char *next = end + strspn(end, ":, \t");
  ret[1] = strtod(next, &end);
  if (end != next)
    return 2;
  return next[strspn(next, "\r\n")] == '\0' ? 1 : 0;
}

static int add(struct lines *l, double time, double value) {
  size_t capacity = l->capacity;
  if (vr_array_reserve(&l->time, &capacity, l->count + 1) < 0)
    return -ENOMEM;
  capacity = l->capacity;
  if (vr_array_reserve(&l->value, &capacity, l->count + 1) < 0)
    return -ENOMEM;
  l->capacity = capacity;
  l->time[l->count] = time;
  l->value[l->count++] = value;
  return 0;
}

/* A line that holds none of both is 1, and adds nothing. */
static int take_line(struct lines *l, const char *line) {
  double c[2];
  if (line[0] == '#' || line[strspn(line, " \t\r\n")] == '\0')
    return 0;
  int n = columns(line, c);
  if (n == 0)
    return l->count == 0 ? 0 : -EBADMSG;
  if (l->count == 0)
    l->timed = n == 2;
  double time = l->timed ? c[0] : (double)l->count;
  double value = l->timed ? c[1] : c[0];
  if (n != (l->timed ? 2 : 1) || !isfinite(time) || isinf(value) || value < 0 ||
      (l->count > 0 && time <= l->time[l->count - 1]))
    return -EBADMSG;
  return add(l, time, value);
}

static int read_lines(FILE *f, const char *source, struct lines *l,
                      struct vr_error *ret_error) {
  vr_auto_free char *line = NULL;
  size_t size = 0;
  for (size_t number = 1; getline(&line, &size, f) >= 0; number++) {
    int r = take_line(l, line);
    if (r == -EBADMSG)
      return vr_error_set(ret_error, r,
                          "%s, line %zu: neither a value of zero or more, nor "
                          "a later time with one, as the lines before",
                          source, number);
    if (r < 0)
      return vr_error_set(ret_error, r, "no memory");
  }
  if (l->count == 0)
    return vr_error_set(ret_error, -ENODATA, "%s: no values", source);
  return 0;
}

static double median_step(const struct lines *l) {
  vr_auto_free double *d = calloc(l->count, sizeof(*d));
  if (!d || l->count < 2)
    return 1;
  for (size_t i = 1; i < l->count; i++)
    d[i - 1] = l->time[i] - l->time[i - 1];
  vr_sort(d, l->count - 1, sizeof(*d), compare);
  return d[(l->count - 1) / 2];
}

/* What is missing is as it was before; at the beginning, zero. */
static int to_grid(const struct lines *l, const char *source,
                   struct vr_tools_trace *ret, struct vr_error *ret_error) {
  struct vr_tools_trace t = {.step = median_step(l)};
  double seconds = l->time[l->count - 1] - l->time[0];
  double span = seconds / t.step;
  if (!(seconds < MOST_SECONDS))
    return vr_error_set(ret_error, -EFBIG,
                        "%s: its times are more than %.0f s apart: they are to "
                        "be seconds",
                        source, MOST_SECONDS);
  if (!(span < LONGEST))
    return vr_error_set(ret_error, -EFBIG, "%s: more than %.0f values", source,
                        LONGEST);
  t.count = (size_t)(span + 1.5);
  t.value = calloc(t.count, sizeof(*t.value));
  if (!t.value)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  double held = 0;
  for (size_t i = 0, k = 0; i < t.count; i++) {
    for (;
         k < l->count && l->time[k] <= l->time[0] + ((double)i + 0.5) * t.step;
         k++)
      held = isnan(l->value[k]) ? held : l->value[k];
    t.value[i] = held;
  }
  *ret = t;
  return 0;
}

static int read_stream(FILE *f, const char *source, struct vr_tools_trace *ret,
                       struct vr_error *ret_error) {
  struct lines l = {0};
  int r = read_lines(f, source, &l, ret_error);
  if (r == 0)
    r = to_grid(&l, source, ret, ret_error);
  free(l.time);
  free(l.value);
  return r;
}

/* A pipe cannot go back: one character can be put back. */
static bool is_rrd(FILE *f) {
  char magic[4] = "";
  int first = getc(f);
  ungetc(first, f);
  return first == 'R' && fread(magic, 1, sizeof(magic), f) == sizeof(magic) &&
         memcmp(magic, "RRD", sizeof(magic)) == 0;
}

static int read_file(const char *path, struct vr_tools_trace *ret,
                     struct vr_error *ret_error) {
  vr_auto_fclose FILE *f = fopen(path, "re");
  if (!f)
    return vr_error_set(ret_error, -errno, "%s: %s", path, strerror(errno));
  if (!is_rrd(f))
    return read_stream(f, path, ret, ret_error);
  vr_auto_fclose FILE *text = NULL;
  int r = vr_tools_rrd_fetch(path, &text, ret_error);
  return r < 0 ? r : read_stream(text, path, ret, ret_error);
}

static bool is_number(const char *text, double *ret) {
  char *end;
  *ret = strtod(text, &end);
  return end != text && *end == '\0' && isfinite(*ret) && *ret >= 0;
}

int vr_tools_trace_read(const char *source, struct vr_tools_trace *ret,
                        struct vr_error *ret_error) {
  double constant;
  if (strcmp(source, "-") == 0)
    return read_stream(stdin, "standard input", ret, ret_error);
  if (!is_number(source, &constant))
    return read_file(source, ret, ret_error);
  double *value = malloc(sizeof(*value));
  if (!value)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  *value = constant;
  *ret = (struct vr_tools_trace){value, 1, 1, .is_constant = true};
  return 0;
}

void vr_tools_trace_free(struct vr_tools_trace *t) {
  free(t->value);
  *t = (struct vr_tools_trace){0};
}

double vr_tools_trace_length(const struct vr_tools_trace *t) {
  return t->is_constant ? INFINITY : (double)t->count * t->step;
}

double vr_tools_trace_at(const struct vr_tools_trace *t, double seconds,
                         bool loop) {
  double i = floor(seconds / t->step + 1e-9);
  if (loop && !t->is_constant)
    i = fmod(i, (double)t->count);
  if (i > (double)t->count - 1)
    i = (double)t->count - 1;
  return t->value[i < 0 ? 0 : (size_t)i];
}
