/* SPDX-License-Identifier: MIT
 *
 * One series of a Prometheus, slice after slice.
 */
#ifndef VR_ARCHIVE_PROMETHEUS_SLICES_H
#define VR_ARCHIVE_PROMETHEUS_SLICES_H

#include "archive/prometheus_query.h"
#include "signal/resample.h"

struct vr_prometheus_sample {
  vr_time time;
  double value;
};

struct vr_prometheus_series {
  size_t n, capacity;
  struct vr_prometheus_sample *all; /* by rising time */
};

/* Appends to *S what the answer DATA, the "data" of a query, has of the series
 * with N_LABELS labels: a selector also finds those with further ones. *ret_n:
 * how many samples that were. Returns 0, -EINVAL where it is no such answer, or
 * -ENOMEM; what is in S stays the caller's. */
int vr_prometheus_take(const json_t *data, size_t n_labels,
                       struct vr_prometheus_series *s, size_t *ret_n);

/* Reads the samples after BEGIN and not after END, seconds since the epoch, of
 * the one series that SELECTOR names and that has N_LABELS labels. A slice that
 * is too much for the server, or to take, is halved. What is in *ret_series is
 * the caller's to free whatever is returned: 0, or a negative errno with
 * *ret_error filled. */
int vr_prometheus_slices(struct vr_prometheus_query *q, const char *selector,
                         size_t n_labels, double begin, double end,
                         struct vr_prometheus_series *ret_series,
                         struct vr_error *ret_error);

#endif
