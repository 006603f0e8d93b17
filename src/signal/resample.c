/* SPDX-License-Identifier: MIT */
#include "signal/resample.h"

#include <math.h>
#include <stdbool.h>

vr_time vr_signal_time_of_seconds(double seconds) {
  /* Whole seconds apart, so that the fraction keeps its digits. */
  double whole = floor(seconds);
  return (vr_time)whole * VR_SECOND +
         (vr_time)llrint((seconds - whole) * (double)VR_SECOND);
}

double vr_signal_seconds_of_time(vr_time t) {
  return (double)(t / VR_SECOND) + (double)(t % VR_SECOND) / (double)VR_SECOND;
}

/* An unsigned counter's rise. One that falls has wrapped, at 32 bits if it was
 * below that, else at 64, where unsigned arithmetic does it by itself. */
static double counter_rise(uint64_t from, uint64_t to) {
  if (to < from && from <= UINT32_MAX)
    return (double)(to + (UINT64_C(1) << 32) - from);
  return (double)(to - from);
}

double vr_resample_between(enum vr_kind kind, const struct vr_sample *previous,
                           const struct vr_sample *sample) {
  if (kind == VR_GAUGE)
    return isfinite(sample->value.gauge) ? sample->value.gauge : NAN;

  double seconds = (double)(sample->time - previous->time) / (double)VR_SECOND;
  switch (kind) {
  case VR_DERIVE: {
    int64_t rise;
    if (__builtin_sub_overflow(sample->value.derive, previous->value.derive,
                               &rise) ||
        rise < 0)
      return NAN;
    return (double)rise / seconds;
  }
  case VR_COUNTER:
    return counter_rise(previous->value.counter, sample->value.counter) /
           seconds;
  default:
    return (double)sample->value.absolute / seconds;
  }
}

/* Index of the first sample whose time is after T. */
static size_t first_after(const struct vr_sample *samples, size_t n,
                          vr_time t) {
  size_t low = 0, high = n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (samples[middle].time > t)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* Since when the value of sample I holds; its own time if for no time. */
static vr_time holds_since(const struct vr_signal_form *form,
                           const struct vr_sample *samples, size_t i) {
  vr_time max_gap = form->max_gap > 0 ? form->max_gap : form->interval * 5 / 2;
  vr_time t = samples[i].time;
  if (i > 0 && (max_gap == 0 || t - samples[i - 1].time <= max_gap))
    return samples[i - 1].time;
  return form->kind == VR_GAUGE ? t - form->interval : t;
}

double vr_resample_mean(const struct vr_signal_form *form,
                        const struct vr_sample *samples, size_t n,
                        vr_time begin, vr_time end, double *ret_known) {
  vr_time from = begin - form->offset, to = end - form->offset, known = 0;
  double sum = 0;
  for (size_t i = first_after(samples, n, from); i < n; i++) {
    vr_time since = holds_since(form, samples, i);
    vr_time left = since > from ? since : from;
    /* After a gap a gauge reaches back only so far that it does not hold
     * over the sample before it. */
    if (i > 0 && left < samples[i - 1].time)
      left = samples[i - 1].time;
    vr_time right = samples[i].time < to ? samples[i].time : to;
    if (right > left) {
      double value = vr_resample_between(
          form->kind, i > 0 ? &samples[i - 1] : NULL, &samples[i]);
      if (!isnan(value)) {
        sum += value * (double)(right - left);
        known += right - left;
      }
    }
    if (samples[i].time >= to)
      break;
  }
  if (ret_known)
    *ret_known = (double)known / (double)(to - from);
  return 2 * known >= to - from && known > 0 ? sum / (double)known : NAN;
}

/* Division that rounds up, for a negative dividend too. */
static int64_t divide_up(int64_t a, int64_t b) { return a / b + (a % b > 0); }

int64_t vr_signal_tick_of(vr_time step, vr_time t) {
  return divide_up(t, step);
}

struct vr_grid vr_signal_grid_between(vr_time step, vr_time begin,
                                      vr_time end) {
  int64_t first = divide_up(begin, step) + 1;
  int64_t last = -divide_up(-end, step);
  return (struct vr_grid){
      .step = step,
      .first = first,
      .n = last >= first ? (size_t)(last - first + 1) : 0,
  };
}

vr_time vr_signal_grid_time(const struct vr_grid *grid, size_t i) {
  return (grid->first + (int64_t)i) * grid->step;
}

void vr_resample(const struct vr_signal_form *form,
                 const struct vr_sample *samples, size_t n,
                 const struct vr_grid *grid, double *ret_values) {
  for (size_t i = 0; i < grid->n; i++) {
    vr_time end = vr_signal_grid_time(grid, i);
    ret_values[i] =
        vr_resample_mean(form, samples, n, end - grid->step, end, NULL);
  }
}

/* Value of tick K of GRID, NAN outside it. */
static double at_tick(const struct vr_grid *grid, const double *values,
                      int64_t k) {
  bool inside = k >= grid->first && k - grid->first < (int64_t)grid->n;
  return inside ? values[k - grid->first] : NAN;
}

void vr_resample_regrid(const struct vr_grid *from, const double *values,
                        vr_time offset, const struct vr_grid *to,
                        double *ret_values) {
  for (size_t i = 0; i < to->n; i++) {
    vr_time end = vr_signal_grid_time(to, i) - offset, begin = end - to->step;
    vr_time known = 0;
    double sum = 0;
    for (int64_t k = vr_signal_tick_of(from->step, begin + 1);
         (k - 1) * from->step < end; k++) {
      vr_time left = (k - 1) * from->step, right = k * from->step;
      double value = at_tick(from, values, k);
      if (!isfinite(value))
        continue;
      vr_time width =
          (right < end ? right : end) - (left > begin ? left : begin);
      sum += value * (double)width;
      known += width;
    }
    ret_values[i] =
        2 * known >= to->step && known > 0 ? sum / (double)known : NAN;
  }
}
