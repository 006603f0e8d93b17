/* SPDX-License-Identifier: MIT
 *
 * Samples of series in a Prometheus, at the times at which collectd took them:
 * the instant query of a range vector gives those (query_range would give what
 * held at instants of its own, and a counter's rate would swing with the
 * distance between the two). Asked for in slices, so that no answer has more
 * samples of a series than query_range's 11 000.
 */
#ifndef VR_ARCHIVE_PROMETHEUS_H
#define VR_ARCHIVE_PROMETHEUS_H

#include "archive/prometheus_query.h"
#include "archive/samples.h"

struct vr_prometheus;

/* A server whose series from BEGIN to END, seconds since the epoch, are of
 * interest; TRANSPORT goes with it. NULL when out of memory. */
struct vr_prometheus *
vr_prometheus_new(struct vr_prometheus_transport *transport, double begin,
                  double end);
void vr_prometheus_free(struct vr_prometheus *p);

/* Where it is asked; by one thread at a time. */
struct vr_prometheus_query *vr_prometheus_queries(struct vr_prometheus *p);

/* The selector of the one series with LABELS, the caller's to free; NULL when
 * out of memory. The labels' names must be those of PromQL. */
char *vr_prometheus_selector(const json_t *labels);

/* Reads the series of FILE. Where two are of one data source, the later one
 * counts where the earlier one has ended. What was read last is kept, so that
 * it is not asked for again at once. Returns 0, also where there are no
 * samples; or a negative errno with *ret_error filled. */
int vr_prometheus_read(const struct vr_archive_file *file,
                       struct vr_samples *ret_samples,
                       struct vr_error *ret_error);

#endif
