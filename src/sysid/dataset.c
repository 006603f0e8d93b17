/* SPDX-License-Identifier: MIT */
#include "sysid/dataset.h"

#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Segments and their input pointers in one piece of storage. */
static int allocate(struct vr_dataset *d, unsigned nu, size_t n_segments,
                    size_t n_values) {
  size_t head = n_segments * (sizeof(*d->segments) + nu * sizeof(double *));
  head = (head + sizeof(double) - 1) / sizeof(double) * sizeof(double);
  char *storage = malloc(head + n_values * sizeof(double) + 1);
  if (!storage)
    return -ENOMEM;
  *d = (struct vr_dataset){.nu = nu,
                           .n_segments = n_segments,
                           .segments = (struct vr_segment *)storage,
                           .storage = storage};
  const double **u = (const double **)(d->segments + n_segments);
  for (size_t k = 0; k < n_segments; k++)
    d->segments[k] = (struct vr_segment){.u = u + k * nu};
  return 0;
}

static double *values_of(const struct vr_dataset *d) {
  size_t head =
      d->n_segments * (sizeof(*d->segments) + d->nu * sizeof(double *));
  head = (head + sizeof(double) - 1) / sizeof(double) * sizeof(double);
  return (double *)((char *)d->storage + head);
}

/* Makes TO the N samples of FROM that begin at START. */
static void view(struct vr_segment *to, unsigned nu,
                 const struct vr_segment *from, size_t start, size_t n) {
  to->n = n;
  to->y = from->y + start;
  const double **u = (const double **)to->u;
  for (unsigned i = 0; i < nu; i++)
    u[i] = from->u[i] + start;
}

void vr_dataset_clear(struct vr_dataset *d) {
  free(d->storage);
  *d = (struct vr_dataset){0};
}

/* The first stretch without a gap at or after *START; *START is moved to its
 * begin. Returns its length, 0 at the end. */
static size_t next_stretch(const struct vr_segment *all, unsigned nu,
                           size_t *start) {
  size_t t = *start, begin = t;
  for (; t < all->n; t++) {
    bool good = isfinite(all->y[t]);
    for (unsigned i = 0; good && i < nu; i++)
      good = isfinite(all->u[i][t]);
    if (good)
      continue;
    if (t > begin)
      break;
    begin = t + 1;
  }
  *start = begin;
  return t - begin;
}

int vr_dataset_split(size_t n, const double *y, unsigned nu,
                     const double *const *u, size_t min_length,
                     struct vr_dataset *ret, struct vr_error *error) {
  const struct vr_segment all = {.n = n, .y = y, .u = u};
  size_t count = 0, length;
  for (size_t t = 0; (length = next_stretch(&all, nu, &t)) > 0; t += length)
    count += length >= min_length;
  if (count == 0)
    return vr_error_set(error, -ENODATA,
                        "no stretch of %zu samples in which every signal has "
                        "a value",
                        min_length > 0 ? min_length : 1);

  struct vr_dataset d;
  if (allocate(&d, nu, count, 0) < 0)
    return vr_sysid_no_memory(error);
  count = 0;
  for (size_t t = 0; (length = next_stretch(&all, nu, &t)) > 0; t += length)
    if (length >= min_length)
      view(&d.segments[count++], nu, &all, t, length);
  *ret = d;
  return 0;
}

int vr_dataset_join(size_t n, const struct vr_dataset *sets,
                    struct vr_dataset *ret, struct vr_error *error) {
  size_t count = 0;
  for (size_t k = 0; k < n; k++) {
    count += sets[k].n_segments;
    if (sets[k].nu != sets[0].nu)
      return vr_error_set(error, -EINVAL,
                          "data sets with %u and with %u inputs cannot be "
                          "joined",
                          sets[0].nu, sets[k].nu);
  }
  if (count == 0)
    return vr_error_set(error, -ENODATA, "no data");
  struct vr_dataset d;
  if (allocate(&d, sets[0].nu, count, 0) < 0)
    return vr_sysid_no_memory(error);
  count = 0;
  for (size_t k = 0; k < n; k++)
    for (size_t s = 0; s < sets[k].n_segments; s++)
      view(&d.segments[count++], d.nu, &sets[k].segments[s], 0,
           sets[k].segments[s].n);
  *ret = d;
  return 0;
}

int vr_dataset_slice(const struct vr_dataset *d, size_t from, size_t to,
                     struct vr_dataset *ret, struct vr_error *error) {
  if (from >= to || from >= vr_dataset_samples(d))
    return vr_error_set(error, -ENODATA, "no sample from %zu to %zu", from, to);
  struct vr_dataset slice;
  if (allocate(&slice, d->nu, d->n_segments, 0) < 0)
    return vr_sysid_no_memory(error);
  size_t at = 0, count = 0;
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    size_t begin = from > at ? from - at : 0, end = to > at ? to - at : 0;
    if (end > s->n)
      end = s->n;
    if (begin < end)
      view(&slice.segments[count++], d->nu, s, begin, end - begin);
    at += s->n;
  }
  slice.n_segments = count;
  *ret = slice;
  return 0;
}

int vr_dataset_skip(const struct vr_dataset *d, size_t n,
                    struct vr_dataset *ret, struct vr_error *error) {
  struct vr_dataset rest;
  if (allocate(&rest, d->nu, d->n_segments, 0) < 0)
    return vr_sysid_no_memory(error);
  size_t count = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    if (d->segments[k].n > n)
      view(&rest.segments[count++], d->nu, &d->segments[k], n,
           d->segments[k].n - n);
  rest.n_segments = count;
  *ret = rest;
  return 0;
}

static double *copy_minus(double *to, const double *from, size_t n,
                          double offset) {
  for (size_t t = 0; t < n; t++)
    to[t] = from[t] - offset;
  return to + n;
}

int vr_dataset_detrend(const struct vr_dataset *d, double y_offset,
                       const double *u_offset, struct vr_dataset *ret,
                       struct vr_error *error) {
  struct vr_dataset copy;
  if (allocate(&copy, d->nu, d->n_segments,
               vr_dataset_samples(d) * (d->nu + 1)) < 0)
    return vr_sysid_no_memory(error);
  double *at = values_of(&copy);
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *from = &d->segments[k];
    struct vr_segment *to = &copy.segments[k];
    const double **u = (const double **)to->u;
    to->n = from->n;
    to->y = at;
    at = copy_minus(at, from->y, from->n, y_offset);
    for (unsigned i = 0; i < d->nu; i++) {
      u[i] = at;
      at = copy_minus(at, from->u[i], from->n, u_offset ? u_offset[i] : 0);
    }
  }
  *ret = copy;
  return 0;
}

/* Mean over all samples of the output (SIGNAL 0) or of input SIGNAL - 1. */
static double mean_of(const struct vr_dataset *d, unsigned signal) {
  double sum = 0;
  size_t n = 0;
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    const double *x = signal == 0 ? s->y : s->u[signal - 1];
    for (size_t t = 0; t < s->n; t++)
      sum += x[t];
    n += s->n;
  }
  return sum / (double)n;
}

void vr_dataset_means(const struct vr_dataset *d, double *ret_y,
                      double *ret_u) {
  *ret_y = mean_of(d, 0);
  for (unsigned i = 0; i < d->nu; i++)
    ret_u[i] = mean_of(d, i + 1);
}

size_t vr_dataset_samples(const struct vr_dataset *d) {
  size_t n = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    n += d->segments[k].n;
  return n;
}

unsigned vr_dataset_orders_largest_lag(const struct vr_orders *o) {
  unsigned lag = o->na;
  for (unsigned i = 0; i < o->nu; i++)
    if (o->nb[i] + o->nk[i] - 1 > lag)
      lag = o->nb[i] + o->nk[i] - 1;
  return lag;
}

unsigned vr_dataset_orders_parameters(const struct vr_orders *o) {
  unsigned p = o->na;
  for (unsigned i = 0; i < o->nu; i++)
    p += o->nb[i];
  return p;
}

size_t vr_dataset_samples_after(const struct vr_dataset *d, size_t lag) {
  size_t n = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    n += d->segments[k].n > lag ? d->segments[k].n - lag : 0;
  return n;
}

size_t vr_dataset_rows(const struct vr_dataset *d, const struct vr_orders *o) {
  return vr_dataset_samples_after(d, vr_dataset_orders_largest_lag(o));
}

int vr_dataset_orders_check(const struct vr_dataset *d,
                            const struct vr_orders *o, struct vr_error *error) {
  if (o->nu != d->nu)
    return vr_error_set(error, -EINVAL,
                        "orders for %u inputs, but the data has %u", o->nu,
                        d->nu);
  if (o->na > VR_ORDER_MAX)
    return vr_error_set(error, -EINVAL, "na = %u is above %u", o->na,
                        VR_ORDER_MAX);
  for (unsigned i = 0; i < o->nu; i++) {
    if (o->nb[i] < 1)
      return vr_error_set(error, -EINVAL,
                          "nb of input %u is 0: at least 1 is needed", i + 1);
    if (o->nb[i] > VR_ORDER_MAX || o->nk[i] > VR_ORDER_MAX)
      return vr_error_set(error, -EINVAL,
                          "nb = %u, nk = %u of input %u: above %u", o->nb[i],
                          o->nk[i], i + 1, VR_ORDER_MAX);
  }
  unsigned long p = o->na;
  for (unsigned i = 0; i < o->nu; i++)
    p += o->nb[i];
  if (p == 0)
    return vr_error_set(error, -EINVAL,
                        "na = 0 and no input: nothing to estimate");
  if (p > VR_PARAMETERS_MAX)
    return vr_error_set(error, -EINVAL, "%lu parameters: above %u", p,
                        VR_PARAMETERS_MAX);
  return 0;
}

/* The smallest and largest value of a signal; false when one is not finite. */
static bool extent(const struct vr_dataset *d, unsigned signal, double *ret_min,
                   double *ret_max) {
  double low = INFINITY, high = -INFINITY, sum = 0;
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *s = &d->segments[k];
    const double *x = signal == 0 ? s->y : s->u[signal - 1];
    for (size_t t = 0; t < s->n; t++) {
      low = x[t] < low ? x[t] : low;
      high = x[t] > high ? x[t] : high;
      sum += x[t] * 0; /* NAN if one is not finite */
    }
  }
  *ret_min = low;
  *ret_max = high;
  return sum == 0;
}

int vr_dataset_signal_check(const struct vr_dataset *d, unsigned signal,
                            struct vr_error *error) {
  char name[32] = "the output";
  if (signal > 0)
    snprintf(name, sizeof(name), "input %u", signal);
  double low, high;
  if (!extent(d, signal, &low, &high))
    return vr_error_set(error, -EDOM, "%s has values that are not finite",
                        name);
  if (high - low <= 1e-13 * fmax(fabs(low), fabs(high)))
    return vr_error_set(error, -EDOM, "%s is constant (%.6g)", name, low);
  if (!(fmax(fabs(low), fabs(high)) < 1e140))
    return vr_error_set(error, -EDOM, "%s has values as large as %.3g", name,
                        fmax(fabs(low), fabs(high)));
  return 0;
}

int vr_dataset_check(const struct vr_dataset *d, const struct vr_orders *o,
                     struct vr_error *error) {
  int r = vr_dataset_orders_check(d, o, error);
  if (r < 0)
    return r;
  if (vr_dataset_samples(d) == 0)
    return vr_error_set(error, -ENODATA, "no data");
  size_t rows = vr_dataset_rows(d, o);
  unsigned p = vr_dataset_orders_parameters(o);
  if (rows <= p)
    return vr_error_set(error, -ENODATA,
                        "%zu rows for %u parameters: more rows than "
                        "parameters are needed",
                        rows, p);
  for (unsigned i = 0; i <= d->nu; i++) {
    r = vr_dataset_signal_check(d, i, error);
    if (r < 0)
      return r;
  }
  return 0;
}
