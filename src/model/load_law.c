/* SPDX-License-Identifier: MIT */
#include "model/load_law.h"

#include <errno.h>
#include <math.h>

/* Of a start or a gap so much may be left where an average counts as known. */
static const double FORGOTTEN = 0.05;

/* More than any kernel has tasks: no state of a filter that works. */
static const double LARGEST = 1e9;

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
  l->peak = fmax(l->peak * d[VR_LOAD_15MIN], active[VR_LOAD_UPPER]);
  l->peak = fmax(l->peak, vcpus); /* NAN: the other */
}

void vr_load_law_unknown(struct vr_load_law *l, double step, unsigned ticks) {
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    double d = vr_load_filter_decay((enum vr_load_average)a, step * ticks);
    for (int b = 0; b < VR_LOAD_BOUNDS; b++)
      l->sum[b][a] *= d;
    l->unknown[a] = d * l->unknown[a] + (1 - d);
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
  for (int a = 0; a < VR_LOAD_AVERAGES; a++) {
    v.value[a] = value_of(l, (enum vr_load_average)a);
    v.lower[a] = l->sum[VR_LOAD_LOWER][a];
    v.upper[a] = l->sum[VR_LOAD_UPPER][a] + l->unknown[a] * l->peak;
  }
  return v;
}

bool vr_load_law_is_wide(double lower, double value, double upper) {
  return upper - lower > 0.5 + 0.2 * value;
}

void vr_load_law_export(const struct vr_load_law *l, double *ret_values) {
  double *v = ret_values;
  for (int b = 0; b < VR_LOAD_BOUNDS; b++)
    for (int a = 0; a < VR_LOAD_AVERAGES; a++)
      *v++ = l->sum[b][a];
  for (int a = 0; a < VR_LOAD_AVERAGES; a++)
    *v++ = l->unknown[a];
  *v = l->peak;
}

int vr_load_law_import(struct vr_load_law *l, const double *values) {
  const double *v = values, *unknown = v + VR_LOAD_BOUNDS * VR_LOAD_AVERAGES;
  for (int i = 0; i < VR_LOAD_LAW_STATE; i++)
    if (!(v[i] >= 0 && v[i] <= LARGEST))
      return -EINVAL;
  for (int a = 0; a < VR_LOAD_AVERAGES; a++)
    if (unknown[a] > 1)
      return -EINVAL;
  vr_load_law_start(l);
  for (int b = 0; b < VR_LOAD_BOUNDS; b++)
    for (int a = 0; a < VR_LOAD_AVERAGES; a++)
      l->sum[b][a] = *v++;
  for (int a = 0; a < VR_LOAD_AVERAGES; a++)
    l->unknown[a] = *v++;
  l->peak = *v;
  return 0;
}
