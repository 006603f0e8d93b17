/* SPDX-License-Identifier: MIT */
#include "train/data/stretches.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* Below this a stretch does not show the clock. */
#define MIN_CORRELATION 0.5

#define STRETCH 600.0 /* seconds */

/* A clock drifts slowly: so far, in steps of the host, a stretch is searched.
 */
#define FARTHEST 2.0

void vr_stretches_clear(struct vr_stretches *d) {
  free(d->weights);
  free(d->offsets);
  *d = (struct vr_stretches){0};
}

int vr_stretches_new(const struct vr_timeline *grid, double host_step,
                     struct vr_stretches *ret) {
  struct vr_stretches d = {.step = host_step};
  double rows = round(STRETCH / grid->step);
  d.rows = rows >= 1 ? (size_t)rows : 1;
  d.stretch = (double)d.rows * grid->step;
  d.n = (grid->rows + d.rows / 2) / d.rows;
  d.weights = calloc(d.n + 1, sizeof(*d.weights));
  d.offsets = calloc(d.n + 1, sizeof(*d.offsets));
  if (d.weights && d.offsets) {
    *ret = d;
    return 0;
  }
  vr_stretches_clear(&d);
  return -ENOMEM;
}

/* RATES in stretch I, as they would be with a clock that is WHOLE steps later.
 */
static struct vr_clock_rates stretch(const struct vr_stretches *d, size_t i,
                                     const struct vr_clock_rates *rates,
                                     ptrdiff_t whole) {
  struct vr_clock_rates s = *rates;
  size_t begin = i * d->rows;
  s.n = i + 1 < d->n ? d->rows : rates->n - begin;
  s.guest += begin;
  s.first += (ptrdiff_t)(begin * rates->ratio) + whole;
  return s;
}

void vr_stretches_add(struct vr_stretches *d,
                      const struct vr_clock_rates *rates, double offset) {
  double whole = round(offset);
  for (size_t i = 0; d->n > 1 && i < d->n; i++) {
    const struct vr_clock_rates s = stretch(d, i, rates, (ptrdiff_t)whole);
    struct vr_clock_offset o;
    if (vr_estimate_clock_offset_of(&s, FARTHEST, &o, NULL) < 0 ||
        o.correlation < MIN_CORRELATION || !(fabs(o.offset) < FARTHEST) ||
        !isfinite(o.se))
      continue;
    double weight = 1 / (o.se * o.se + 1e-4);
    d->weights[i] += weight;
    d->offsets[i] += weight * (whole + o.offset - offset);
  }
}

/* The variance of the true offsets about their MEAN. */
static double variance(const struct vr_stretches *d, double mean) {
  double q = 0, sum = 0, squares = 0, k = 0;
  for (size_t i = 0; i < d->n; i++) {
    double w = d->weights[i];
    if (!(w > 0))
      continue;
    double e = d->offsets[i] / w - mean;
    q += w * e * e;
    sum += w;
    squares += w * w;
    k++;
  }
  double room = sum > 0 ? sum - squares / sum : 0;
  return k > 1 && room > 0 ? fmax(0, (q - (k - 1)) / room) : 0;
}

/* Where nothing is known of a stretch, it is as the one before it, or after. */
static void fill(double *seconds, const double *known, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (!(known[i] > 0))
      seconds[i] = seconds[i - 1];
  for (size_t i = n; i-- > 1 && !(known[0] > 0);)
    if (!(known[i - 1] > 0))
      seconds[i - 1] = seconds[i];
}

void vr_stretches_take(struct vr_stretches *d, struct vr_clock *clock) {
  double sum = 0, offsets = 0;
  for (size_t i = 0; i < d->n; i++) {
    sum += d->weights[i];
    offsets += d->offsets[i];
  }
  double mean = sum > 0 ? offsets / sum : 0;
  double tau2 = variance(d, mean);
  if (!(tau2 > 0))
    return;
  for (size_t i = 0; i < d->n; i++) {
    double w = d->weights[i], own = w > 0 ? d->offsets[i] / w : mean;
    double believed = w > 0 ? tau2 / (tau2 + 1 / w) : 0;
    d->offsets[i] = -d->step * (mean + believed * (own - mean));
  }
  fill(d->offsets, d->weights, d->n);
  clock->drift = d->offsets;
  clock->n_drift = d->n;
  clock->stretch = d->stretch;
  d->offsets = NULL;
}
