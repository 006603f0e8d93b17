/* SPDX-License-Identifier: MIT */
#include "model/load_law.h"

#include <errno.h>
#include <math.h>

/* Of a start or a gap so much may be left where an average counts as known. */
static const double FORGOTTEN = 0.05;

/* More than any kernel has tasks: no state of a filter that works. */
static const double LARGEST = 1e9;

/* All vCPUs count as busy from this part on, and saturation as gone when less
 * than this weight is left of it. */
static const double BUSY = 0.85, SATURATED = 0.1;

void vr_load_law_start(struct vr_load_law *l) {
  *l = (struct vr_load_law){.step = NAN};
  for (int a = 0; a < VR_LOAD_AVERAGES; a++)
    l->unknown[a] = 1;
}

/* The same step comes again and again. */
static const double *decays(struct vr_load_law *l, double step) {
  if (l->step != step)
    for (int a = 0; a < VR_LOAD_AVERAGES; a++)
      l->decay[a] = vr_load_filter_decay((enum vr_load_average)a, step);
  l->step = step;
  return l->decay;
}

/* What a tick of decay D adds to the variance W of an average whose queue has
 * the variance V. */
static double add_variance(double w, double d, enum vr_load_average a,
                           double v) {
  double e = vr_load_filter_decay(a, 5);
  return d * d * w + (1 - d * d) * (1 - e) / (1 + e) * v;
}

static void add_variances(struct vr_load_law *l, const double *active,
                          double vcpus) {
  double busy = active[VR_LOAD_LOWER];
  double v = vcpus > 0 ? fmax(busy * (1 - busy / vcpus), 0) : busy;
  double of_all = v + active[VR_LOAD_UPPER] - busy;
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    enum vr_load_average which = (enum vr_load_average)a;
    l->busy_variance[a] =
        add_variance(l->busy_variance[a], l->decay[a], which, v);
    l->variance[a] = add_variance(l->variance[a], l->decay[a], which, of_all);
  }
}

void vr_load_law_known(struct vr_load_law *l, double step, const double *n,
                       double vcpus) {
  const double *d = decays(l, step);
  double active[VR_LOAD_BOUNDS];
  active[VR_LOAD_POINT] = fmax(n[VR_LOAD_POINT], 0);
  active[VR_LOAD_LOWER] =
      fmin(fmax(n[VR_LOAD_LOWER], 0), active[VR_LOAD_POINT]);
  active[VR_LOAD_UPPER] = fmax(n[VR_LOAD_UPPER], active[VR_LOAD_POINT]);
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    for (int b = 0; b < VR_LOAD_BOUNDS; b++)
      l->sum[b][a] = d[a] * l->sum[b][a] + (1 - d[a]) * active[b];
    l->unknown[a] *= d[a];
  }
  add_variances(l, active, vcpus);
  l->saturated = d[VR_LOAD_1MIN] * l->saturated +
                 (1 - d[VR_LOAD_1MIN]) * (active[VR_LOAD_LOWER] > BUSY * vcpus);
  l->peak = fmax(l->peak * d[VR_LOAD_15MIN], active[VR_LOAD_UPPER]);
  l->peak = fmax(l->peak, vcpus); /* NAN: the other */
}

void vr_load_law_unknown(struct vr_load_law *l, double step, unsigned ticks) {
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    double d = vr_load_filter_decay((enum vr_load_average)a, step * ticks);
    for (int b = 0; b < VR_LOAD_BOUNDS; b++)
      l->sum[b][a] *= d;
    l->unknown[a] = d * l->unknown[a] + (1 - d);
    l->busy_variance[a] *= d * d;
    l->variance[a] *= d * d;
  }
}

bool vr_load_law_is_settled(const struct vr_load_law *l,
                            enum vr_load_average which) {
  return l->unknown[which] < FORGOTTEN;
}

static double value_of(const struct vr_load_law *l, enum vr_load_average a) {
  double known = 1 - l->unknown[a];
  if (known <= 0 || (a != VR_LOAD_1MIN && !vr_load_law_is_settled(l, a)))
    return NAN;
  return l->sum[VR_LOAD_POINT][a] / known;
}

struct vr_load_values vr_load_law_values(const struct vr_load_law *l) {
  struct vr_load_values v;
  v.saturated = l->saturated > SATURATED;
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    v.value[a] = value_of(l, (enum vr_load_average)a);
    v.lower[a] = fmax(l->sum[VR_LOAD_LOWER][a] -
                          VR_LOAD_SAMPLING * sqrt(l->busy_variance[a]),
                      0);
    v.upper[a] = l->sum[VR_LOAD_UPPER][a] + l->unknown[a] * l->peak +
                 VR_LOAD_SAMPLING * sqrt(l->variance[a]);
  }
  return v;
}

bool vr_load_law_is_wide(double lower, double value, double upper) {
  return upper - lower > 0.5 + 0.2 * value;
}

/* The arrays of one number for each average. */
enum { ARRAYS = VR_LOAD_BOUNDS + 3 };

static void find_arrays(struct vr_load_law *l, double *ret_arrays[ARRAYS]) {
  for (int b = 0; b < VR_LOAD_BOUNDS; b++)
    ret_arrays[b] = l->sum[b];
  ret_arrays[VR_LOAD_BOUNDS] = l->unknown;
  ret_arrays[VR_LOAD_BOUNDS + 1] = l->busy_variance;
  ret_arrays[VR_LOAD_BOUNDS + 2] = l->variance;
}

void vr_load_law_export(const struct vr_load_law *l, double *ret_values) {
  struct vr_load_law copy = *l;
  double *arrays[ARRAYS], *v = ret_values;
  find_arrays(&copy, arrays);
  for (int i = 0; i < ARRAYS; i++)
    for (int a = 0; a < VR_LOAD_AVERAGES; a++)
      *v++ = arrays[i][a];
  *v++ = l->peak;
  *v = l->saturated;
}

int vr_load_law_import(struct vr_load_law *l, const double *values) {
  struct vr_load_law copy;
  double *arrays[ARRAYS];
  const double *v = values;
  for (int i = 0; i < VR_LOAD_LAW_STATE; i++)
    if (!(v[i] >= 0 && v[i] <= LARGEST))
      return -EINVAL;
  vr_load_law_start(&copy);
  find_arrays(&copy, arrays);
  for (int i = 0; i < ARRAYS; i++)
    for (int a = 0; a < VR_LOAD_AVERAGES; a++)
      arrays[i][a] = *v++;
  copy.peak = *v++;
  copy.saturated = *v;
  for (int a = 0; a < VR_LOAD_AVERAGES; a++)
    if (copy.unknown[a] > 1)
      return -EINVAL;
  *l = copy;
  return 0;
}
