/* SPDX-License-Identifier: MIT */
#include "archive/csv.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/safe_open.h"
#include "signal/resample.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DS = 64 };

/* Samples of one series over all its files. */
struct csv {
  size_t n_ds;
  char **ds;
  bool counts[MAX_DS]; /* a counter as it stood, not a rate or level */
  size_t n, room_times, room_values;
  vr_time *times;
  union vr_number *values; /* sample i, data source d at i * n_ds + d */
};

static void csv_clear(struct csv *c) {
  for (size_t d = 0; c->ds && d < c->n_ds; d++)
    free(c->ds[d]);
  free(c->ds);
  free(c->times);
  free(c->values);
  *c = (struct csv){0};
}

/* "epoch,rx,tx": names of the data sources; a later file must have the same. */
static int take_names(struct csv *c, char *line) {
  char *at = line;
  const char *name = strsep(&at, ",");
  if (strcmp(name, "epoch") != 0 || !at)
    return -EINVAL;
  if (c->ds) {
    size_t d = 0;
    while ((name = strsep(&at, ",")))
      if (d == c->n_ds || strcmp(name, c->ds[d++]) != 0)
        return -EINVAL;
    return d == c->n_ds ? 0 : -EINVAL;
  }
  c->ds = calloc(MAX_DS, sizeof(*c->ds));
  if (!c->ds)
    return -ENOMEM;
  while ((name = strsep(&at, ","))) {
    if (c->n_ds == MAX_DS)
      return -EINVAL;
    c->ds[c->n_ds] = strdup(name);
    if (!c->ds[c->n_ds++])
      return -ENOMEM;
  }
  return 0;
}

static int grow(struct csv *c) {
  if (vr_array_reserve(&c->times, &c->room_times, c->n + 1) < 0)
    return -ENOMEM;
  return vr_array_reserve(&c->values, &c->room_values, (c->n + 1) * c->n_ds);
}

/* One cell: a whole number without a point is a counter. */
static bool take_cell(struct csv *c, size_t d, const char *cell,
                      union vr_number *ret) {
  char *rest;
  errno = 0;
  if (c->n == 0)
    c->counts[d] = *cell && cell[strspn(cell, "-0123456789")] == '\0';
  if (c->counts[d])
    ret->derive = strtoll(cell, &rest, 10);
  else
    ret->gauge = strtod(cell, &rest);
  return rest != cell && *rest == '\0' && !(errno && c->counts[d]);
}

/* A sample. One that is not later than the one before it is passed over: the
 * clock was set back. */
static int take_sample(struct csv *c, char *line) {
  if (grow(c) < 0)
    return -ENOMEM;
  char *at = line, *rest;
  const char *cell = strsep(&at, ",");
  double time = strtod(cell, &rest);
  if (rest == cell || *rest || !(fabs(time) < 4e9))
    return -EINVAL;
  size_t d = 0;
  for (; d < c->n_ds && (cell = strsep(&at, ",")); d++)
    if (!take_cell(c, d, cell, &c->values[c->n * c->n_ds + d]))
      return -EINVAL;
  if (d < c->n_ds || at)
    return -EINVAL;
  c->times[c->n] = vr_signal_time_of_seconds(time);
  if (c->n == 0 || c->times[c->n] > c->times[c->n - 1])
    c->n++;
  return 0;
}

static int read_file(const char *path, struct csv *c,
                     struct vr_error *ret_error) {
  int fd = vr_safe_open(AT_FDCWD, path);
  if (fd < 0)
    return vr_error_set(ret_error, fd, "%.400s: %s", path, vr_safe_why(fd));
  vr_auto_fclose FILE *f = fdopen(fd, "r");
  if (!f) {
    close(fd);
    return vr_error_set(ret_error, -ENOMEM, "%.400s: %s", path,
                        strerror(ENOMEM));
  }
  vr_auto_free char *line = NULL;
  size_t size = 0, number = 0;
  for (ssize_t n; (n = getline(&line, &size, f)) >= 0;) {
    number++;
    /* The last line may still be being written. */
    if (line[n - 1] != '\n')
      break;
    line[strcspn(line, "\r\n")] = '\0';
    int r = number == 1 ? take_names(c, line) : take_sample(c, line);
    if (r < 0)
      return vr_error_set(ret_error, r, "%.400s:%zu: %s", path, number,
                          r == -EINVAL ? "not a line of collectd's csv plugin"
                                       : strerror(-r));
  }
  return 0;
}

static int read_all(const struct vr_archive_file *file, struct csv *c,
                    struct vr_error *ret_error) {
  for (size_t i = 0; i < file->n_paths; i++) {
    int r = read_file(file->paths[i], c, ret_error);
    if (r < 0)
      return r;
  }
  return c->n > 0 ? 0
                  : vr_error_set(ret_error, -ENODATA, "%.400s: no samples",
                                 file->paths[0]);
}

static int compare_times(const void *a, const void *b) {
  vr_time x = *(const vr_time *)a, y = *(const vr_time *)b;
  return (x > y) - (x < y);
}

/* Median distance of samples, in whole seconds, from one to a day. */
static double median_step(const struct csv *c) {
  vr_auto_free vr_time *steps = calloc(c->n, sizeof(*steps));
  if (!steps || c->n < 2)
    return 1;
  for (size_t i = 1; i < c->n; i++)
    steps[i - 1] = c->times[i] - c->times[i - 1];
  qsort(steps, c->n - 1, sizeof(*steps), compare_times);
  double step = round(vr_signal_seconds_of_time(steps[(c->n - 1) / 2]));
  return fmin(fmax(step, 1), 86400);
}

int vr_csv_extent(const struct vr_archive_file *file,
                  struct vr_extent *ret_extent, struct vr_error *ret_error) {
  vr_cleanup(csv_clear) struct csv c = {0};
  int r = read_all(file, &c, ret_error);
  if (r < 0)
    return r;
  double step = median_step(&c);
  *ret_extent = (struct vr_extent){
      .begin = ceil(vr_signal_seconds_of_time(c.times[0]) / step) * step,
      .end = floor(vr_signal_seconds_of_time(c.times[c.n - 1]) / step) * step,
      .step = step};
  return 0;
}

/* Column D of C on GRID. */
static void resample(const struct csv *c, size_t d, double interval,
                     const struct vr_grid *grid, struct vr_sample *samples,
                     double *ret) {
  for (size_t i = 0; i < c->n; i++)
    samples[i] = (struct vr_sample){.time = c->times[i],
                                    .value = c->values[i * c->n_ds + d]};
  const struct vr_signal_form form = {
      .kind = c->counts[d] ? VR_DERIVE : VR_GAUGE,
      .interval = vr_signal_time_of_seconds(interval)};
  vr_resample(&form, samples, c->n, grid, ret);
}

int vr_csv_fetch(const struct vr_archive_file *file,
                 const struct vr_timeline *grid, struct vr_history *ret_history,
                 struct vr_error *ret_error) {
  vr_cleanup(csv_clear) struct csv c = {0};
  int r = read_all(file, &c, ret_error);
  if (r < 0)
    return r;
  vr_auto_free struct vr_sample *samples = calloc(c.n, sizeof(*samples));
  vr_auto_free double *values =
      calloc(c.n_ds * grid->rows + 1, sizeof(*values));
  if (!samples || !values)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  vr_time step = vr_signal_time_of_seconds(grid->step);
  const struct vr_grid g = {
      .step = step,
      .first = vr_signal_tick_of(step, vr_signal_time_of_seconds(grid->begin)),
      .n = grid->rows};
  double interval = median_step(&c);
  for (size_t d = 0; d < c.n_ds; d++)
    resample(&c, d, interval, &g, samples, values + d * grid->rows);
  *ret_history = (struct vr_history){.n_ds = c.n_ds,
                                     .rows = grid->rows,
                                     .ds = vr_steal(&c.ds),
                                     .values = vr_steal(&values)};
  return 0;
}
