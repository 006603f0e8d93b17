/* SPDX-License-Identifier: MIT */
#include "train/data/guest_data.h"

#include "basic/cleanup.h"
#include "model/units.h"
#include "schema/idle_signals.h"
#include "signal/resample.h"
#include "train/data/aligned.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* How many rows of the host one of the truth has. */
static size_t parts_of_row(const struct vr_guest_data *d) {
  return (size_t)lround(d->grid.step /
                        vr_reader_timeline(d->host_reader)->step);
}

/* The times between the guest's samples: the rows themselves, or, where they
 * were divided into rows, one more. */
static struct vr_timeline samples_of(const struct vr_guest_data *d) {
  struct vr_timeline t = d->grid;
  if (d->late > 0) {
    t.begin += d->late - t.step;
    t.rows++;
  }
  return t;
}

/* Rows of what was between the guest's samples. */
static void divide(const struct vr_guest_data *d, const double *samples,
                   double *ret) {
  double before = d->late / d->grid.step;
  for (size_t i = 0; i < d->grid.rows; i++) {
    const double *at = samples + i;
    bool first = d->late > 0 && isfinite(at[0]), second = isfinite(at[1]);
    if (!(d->late > 0))
      ret[i] = at[0];
    else if (first && second)
      ret[i] = before * at[0] + (1 - before) * at[1];
    else if (first || second) /* half of a row has to be known */
      ret[i] = first == (before >= 0.5) ? at[second] : NAN;
    else
      ret[i] = NAN;
  }
}

size_t vr_data_guest_parts(const struct vr_guest_data *d) {
  return samples_of(d).rows * parts_of_row(d);
}

/* The rows of T, and in *ret_phase what their ends are later than whole steps.
 */
static struct vr_grid grid_of(const struct vr_timeline *t, vr_time *ret_phase) {
  vr_time step = vr_signal_time_of_seconds(t->step),
          begin = vr_signal_time_of_seconds(t->begin);
  int64_t first = vr_signal_tick_of(step, begin - step + 1);
  *ret_phase = begin - first * step;
  return (struct vr_grid){.step = step, .first = first, .n = t->rows};
}

/* What is to be added at time T: between the middles of two stretches in a
 * straight line. */
static double drift_at(const struct vr_guest_data *d, double t) {
  const struct vr_clock *c = &d->clock;
  if (c->n_drift == 0)
    return 0;
  double at = (t - d->grid.begin + d->grid.step) / c->stretch - 0.5;
  double last = (double)(c->n_drift - 1);
  double k = fmin(fmax(floor(at), 0), fmax(last - 1, 0));
  double part = last > 0 ? fmin(fmax(at - k, 0), 1) : 0;
  size_t i = (size_t)k;
  return (1 - part) * c->drift[i] + (part > 0 ? part * c->drift[i + 1] : 0);
}

/* The clock at time T, for what is measured in GROUP. */
static double clock_at(const struct vr_guest_data *d,
                       enum vr_signal_group group, double t) {
  const struct vr_clock *c = &d->clock;
  double seconds = group == VR_DEVICE    ? c->of_devices
                   : group == VR_BALLOON ? c->of_balloon
                                         : c->seconds;
  return seconds + drift_at(d, t);
}

/* X, rows of the host measured in GROUP, on T by the guest's clock. */
static void place(const struct vr_guest_data *d, enum vr_signal_group group,
                  const double *x, const struct vr_timeline *t, double *ret) {
  vr_time phase, none;
  const struct vr_grid from =
      grid_of(vr_reader_timeline(d->host_reader), &none);
  struct vr_grid row = grid_of(t, &phase);
  row.n = 1;
  for (size_t i = 0; i < t->rows; i++, row.first++) {
    double middle = t->begin + ((double)i - 0.5) * t->step;
    double seconds = clock_at(d, group, middle);
    vr_resample_regrid(&from, x, vr_signal_time_of_seconds(seconds) - phase,
                       &row, &ret[i]);
  }
}

int vr_data_guest_align(const struct vr_guest_data *d,
                        enum vr_signal_group group, const double *x,
                        double *ret) {
  const struct vr_timeline t = samples_of(d);
  vr_auto_free double *samples = calloc(t.rows + 1, sizeof(*samples));
  if (!samples)
    return -ENOMEM;
  place(d, group, x, &t, samples);
  divide(d, samples, ret);
  return 0;
}

/* Does any of INPUT's signals say nothing of this guest? */
static bool is_blind(const struct vr_guest_data *d,
                     const struct vr_model_input *input) {
  for (size_t i = 0; d->idle_hidden && i < input->n_signals; i++)
    if (vr_schema_shows_idle(input->signals[i]))
      return true;
  return false;
}

static int input_on(const struct vr_guest_data *d,
                    const struct vr_model_input *input,
                    const struct vr_timeline *t, double *ret) {
  size_t rows = vr_reader_timeline(d->host_reader)->rows;
  if (is_blind(d, input))
    return -ENOENT;
  vr_auto_free double *u = calloc(rows + 1, sizeof(*u));
  if (!u)
    return -ENOMEM;
  int r = vr_reader_input(d->host_reader, input, d->host, d->guest, u);
  if (r == 0)
    place(d, vr_sources_group(input->signals[0]), u, t, ret);
  return r;
}

/* The sum of INPUT's signals but the last N, or of these, at the truth's time.
 */
static int sum_of(const struct vr_guest_data *d,
                  const struct vr_model_input *input, bool last, double *ret) {
  size_t n = input->n_signals - input->n_busy;
  const struct vr_model_input sum = {.n_signals = last ? input->n_busy : n,
                                     .signals = last ? input->signals + n
                                                     : input->signals,
                                     .scale = 1,
                                     .range_min = -INFINITY,
                                     .range_max = INFINITY};
  return vr_data_guest_input(d, &sum, ret);
}

/* What is no sum is computed in the truth's rows, as live in those of the
 * model's step. */
static int derived_input(const struct vr_guest_data *d,
                         const struct vr_model_input *input, double *ret) {
  const struct vr_guest_size size = {.vcpus = d->vcpus, .gib = d->gib};
  size_t rows = d->grid.rows;
  vr_auto_free double *busy = calloc(rows + 1, sizeof(*busy));
  int r = busy ? sum_of(d, input, false, ret) : -ENOMEM;
  if (r == 0 && input->n_busy > 0)
    r = sum_of(d, input, true, busy);
  for (size_t i = 0; r == 0 && i < rows; i++) {
    double sum =
        input->n_busy > 0 ? vr_model_over_idle(ret[i], busy[i], &size) : ret[i];
    ret[i] = vr_model_input_level(input, sum, &size) - input->offset;
  }
  return r;
}

/* Is it the sum of its signals, and nothing else? */
static bool is_plain(const struct vr_model_input *in) {
  return in->scale == 1 && in->per == VR_PER_ONE && in->offset == 0;
}

int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret) {
  if (input->n_busy > 0 || input->transform != VR_PLAIN)
    return derived_input(d, input, ret);
  const struct vr_timeline t = samples_of(d);
  if (is_plain(input) && vr_aligned_find(d->aligned, input, d->grid.rows, ret))
    return 0;
  vr_auto_free double *samples = calloc(t.rows + 1, sizeof(*samples));
  int r = samples ? input_on(d, input, &t, samples) : -ENOMEM;
  if (r == 0)
    divide(d, samples, ret);
  if (r == 0 && is_plain(input))
    vr_aligned_keep(d->aligned, input, d->grid.rows, ret);
  return r;
}

int vr_data_guest_input_parts(const struct vr_guest_data *d,
                              const struct vr_model_input *input, double *ret) {
  const struct vr_timeline t = samples_of(d);
  double step = t.step / (double)parts_of_row(d);
  const struct vr_timeline parts = {.begin = t.begin - t.step + step,
                                    .step = step,
                                    .rows = vr_data_guest_parts(d)};
  return input_on(d, input, &parts, ret);
}

/* The mean of the N values X; NAN where less than half of them are known. */
static double mean_of(const double *x, size_t n) {
  double sum = 0;
  size_t known = 0;
  for (size_t k = 0; k < n; k++)
    if (isfinite(x[k])) {
      sum += x[k];
      known++;
    }
  return 2 * known >= n && known > 0 ? sum / (double)known : NAN;
}

int vr_data_guest_mean(const struct vr_guest_data *d, const double *x,
                       double *ret) {
  size_t n = parts_of_row(d), rows = samples_of(d).rows;
  vr_auto_free double *samples = calloc(rows + 1, sizeof(*samples));
  if (!samples)
    return -ENOMEM;
  for (size_t i = 0; i < rows; i++)
    samples[i] = mean_of(x + i * n, n);
  divide(d, samples, ret);
  return 0;
}

int vr_data_guest_new_readers(struct vr_guest_data *d,
                              const struct vr_archive *archive,
                              const struct vr_timeline *host_grid) {
  d->reader = vr_reader_new(archive, &d->grid);
  d->host_reader = host_grid ? vr_reader_new(archive, host_grid) : d->reader;
  if (!d->reader || !d->host_reader)
    return -ENOMEM;
  vr_reader_allow_step(d->host_reader, d->grid.step);
  return 0;
}

size_t vr_data_guest_known(const struct vr_guest_data *d, enum vr_counter c) {
  size_t n = 0;
  if (!d->y[c])
    return d->known[c];
  for (size_t i = 0; i < d->grid.rows; i++)
    n += isfinite(d->y[c][i]) != 0;
  return n;
}

static void clear_columns(struct vr_guest_data *d) {
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    free(d->y[c]);
    free(d->snapshot[c]);
    free(d->expected[c]);
    d->y[c] = d->snapshot[c] = d->expected[c] = NULL;
  }
  for (size_t i = 0; d->u && i < vr_sources_count; i++)
    free(d->u[i]);
  free(d->u);
  d->u = NULL;
}

static void clear_readers(struct vr_guest_data *d) {
  vr_aligned_free(d->aligned);
  d->aligned = NULL;
  if (d->host_reader != d->reader)
    vr_reader_free(d->host_reader);
  vr_reader_free(d->reader);
  d->reader = d->host_reader = NULL;
}

int vr_data_guest_let_go(struct vr_guest_data *d) {
  const struct vr_archive *archive = vr_reader_archive(d->reader);
  const struct vr_timeline host_grid = *vr_reader_timeline(d->host_reader);
  bool same = d->reader == d->host_reader;
  for (size_t c = 0; c < VR_COUNTERS; c++)
    d->known[c] = vr_data_guest_known(d, (enum vr_counter)c);
  clear_columns(d);
  clear_readers(d);
  return vr_data_guest_new_readers(d, archive, same ? NULL : &host_grid);
}

void vr_data_guest_clear(struct vr_guest_data *d) {
  clear_columns(d);
  clear_readers(d);
  free(d->clock.drift);
  free(d->host);
  free(d->guest);
  free(d->truth);
  *d = (struct vr_guest_data){0};
}
