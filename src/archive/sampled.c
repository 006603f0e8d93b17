/* SPDX-License-Identifier: MIT */
#include "archive/sampled.h"

#include "archive/csv.h"
#include "archive/prometheus.h"
#include "basic/cleanup.h"
#include "basic/sort.h"
#include "signal/resample.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int read_samples(const struct vr_archive_file *file,
                        struct vr_samples *ret, struct vr_error *ret_error) {
  return file->kind == VR_ARCHIVE_PROMETHEUS
             ? vr_prometheus_read(file, ret, ret_error)
             : vr_csv_read(file, ret, ret_error);
}

static int compare_times(const void *a, const void *b) {
  vr_time x = *(const vr_time *)a, y = *(const vr_time *)b;
  return (x > y) - (x < y);
}

/* Median distance of samples, in whole seconds, from one to a day. */
static double median_step(const struct vr_samples *c) {
  vr_auto_free vr_time *steps = calloc(c->n, sizeof(*steps));
  if (!steps || c->n < 2)
    return 1;
  for (size_t i = 1; i < c->n; i++)
    steps[i - 1] = c->times[i] - c->times[i - 1];
  vr_sort(steps, c->n - 1, sizeof(*steps), compare_times);
  double step = round(vr_signal_seconds_of_time(steps[(c->n - 1) / 2]));
  return fmin(fmax(step, 1), 86400);
}

/* Where samples come so regularly that their phases, as points of the unit
 * circle, have a mean of this length, they have one. */
#define REGULAR 0.95

/* How much later than a whole STEP the samples were taken; 0 where they come
 * irregularly. */
static double phase_of(const struct vr_samples *c, double step) {
  double x = 0, y = 0;
  for (size_t i = 0; i < c->n; i++) {
    double t = fmod(vr_signal_seconds_of_time(c->times[i]), step);
    x += cos(2 * M_PI * t / step);
    y += sin(2 * M_PI * t / step);
  }
  if (!(hypot(x, y) > REGULAR * (double)c->n))
    return 0;
  double phase = step * atan2(y, x) / (2 * M_PI);
  phase = round(1000 * (phase < 0 ? phase + step : phase)) / 1000;
  return phase < step ? phase : 0;
}

int vr_sampled_extent(const struct vr_archive_file *file,
                      struct vr_extent *ret_extent,
                      struct vr_error *ret_error) {
  vr_cleanup(vr_samples_clear) struct vr_samples c = {0};
  int r = read_samples(file, &c, ret_error);
  if (r < 0)
    return r;
  if (c.n == 0)
    return vr_error_set(ret_error, -ENODATA, "%.400s: no samples in the span",
                        file->paths[0]);
  double step = median_step(&c);
  *ret_extent = (struct vr_extent){
      .begin = ceil(vr_signal_seconds_of_time(c.times[0]) / step) * step,
      .end = floor(vr_signal_seconds_of_time(c.times[c.n - 1]) / step) * step,
      .step = step,
      .phase = phase_of(&c, step)};
  return 0;
}

/* Samples of column D, all as counters or all as values; of the values those
 * too that are not known. Returns how many. */
static size_t samples_of(const struct vr_samples *c, size_t d,
                         enum vr_samples_form form, struct vr_sample *ret) {
  size_t n = 0;
  for (size_t i = 0; i < c->n; i++) {
    const struct vr_samples_cell *cell = &c->cells[i * c->n_ds + d];
    if (cell->form == form)
      ret[n++] = (struct vr_sample){c->times[i], cell->number};
    else if (cell->form == VR_SAMPLES_UNKNOWN && form == VR_SAMPLES_VALUE)
      ret[n++] = (struct vr_sample){c->times[i], {.gauge = NAN}};
  }
  return n;
}

/* What is not known in TO is taken from FROM. */
static void fill_gaps(double *to, const double *from, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (isnan(to[i]))
      to[i] = from[i];
}

/* The last of the samples from BEGIN on that are as far apart as the first two.
 */
static size_t end_of_run(const struct vr_sample *s, size_t n, size_t begin) {
  double step = (double)(s[begin + 1].time - s[begin].time);
  size_t i = begin + 1;
  while (i + 1 < n &&
         fabs((double)(s[i + 1].time - s[i].time) - step) < 0.25 * step)
    i++;
  return i;
}

/* Where collectd's interval was longer for a while, the distance of samples is
 * no gap on a grid that is as coarse. SPARE has room for the grid. */
static void fill_coarser(const struct vr_signal_form *form,
                         const struct vr_sample *samples, size_t n,
                         const struct vr_grid *grid, double *spare,
                         double *ret) {
  enum { RUN = 4 };
  struct vr_signal_form coarser = *form;
  for (size_t begin = 0, end; begin + RUN < n; begin = end) {
    end = end_of_run(samples, n, begin);
    vr_time step = samples[begin + 1].time - samples[begin].time;
    if (end < begin + RUN || step <= 2 * form->interval ||
        step > grid->step + grid->step / 4)
      continue;
    coarser.interval = step;
    vr_resample(&coarser, samples + begin, end - begin + 1, grid, spare);
    fill_gaps(ret, spare, grid->n);
  }
}

/* Column D of C on GRID: what it holds as values, and where it holds none, the
 * rates of what it holds as counters. Its rows end PHASE later
 * than the ticks. RATES has room for twice the grid. */
static void resample(const struct vr_samples *c, size_t d, double interval,
                     const struct vr_grid *grid, vr_time phase,
                     struct vr_sample *samples, double *rates, double *ret) {
  struct vr_signal_form form = {.kind = VR_GAUGE,
                                .interval = vr_signal_time_of_seconds(interval),
                                .offset = -phase};
  double *spare = rates + grid->n;
  size_t n = samples_of(c, d, VR_SAMPLES_VALUE, samples);
  vr_resample(&form, samples, n, grid, ret);
  fill_coarser(&form, samples, n, grid, spare, ret);
  form.kind = VR_DERIVE;
  n = samples_of(c, d, VR_SAMPLES_COUNT, samples);
  if (n == 0)
    return;
  vr_resample(&form, samples, n, grid, rates);
  fill_coarser(&form, samples, n, grid, spare, rates);
  fill_gaps(ret, rates, grid->n);
}

int vr_sampled_fetch(const struct vr_archive_file *file,
                     const struct vr_timeline *grid,
                     struct vr_history *ret_history,
                     struct vr_error *ret_error) {
  vr_cleanup(vr_samples_clear) struct vr_samples c = {0};
  int r = read_samples(file, &c, ret_error);
  if (r < 0)
    return r;
  vr_auto_free struct vr_sample *samples = calloc(c.n + 1, sizeof(*samples));
  vr_auto_free double *values =
      calloc(c.n_ds * grid->rows + 1, sizeof(*values));
  vr_auto_free double *rates = calloc(2 * grid->rows + 1, sizeof(*rates));
  if (!samples || !values || !rates)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  vr_time step = vr_signal_time_of_seconds(grid->step),
          begin = vr_signal_time_of_seconds(grid->begin);
  int64_t first = vr_signal_tick_of(step, begin - step + 1); /* rounds down */
  const struct vr_grid g = {.step = step, .first = first, .n = grid->rows};
  double interval = median_step(&c);
  for (size_t d = 0; d < c.n_ds; d++)
    resample(&c, d, interval, &g, begin - first * step, samples, rates,
             values + d * grid->rows);
  *ret_history = (struct vr_history){.n_ds = c.n_ds,
                                     .rows = grid->rows,
                                     .ds = vr_steal(&c.ds),
                                     .values = vr_steal(&values)};
  return 0;
}
