/* SPDX-License-Identifier: MIT
 *
 * What collectd's plugin write_prometheus makes of a series' name, read
 * backwards. It joins "collectd", the plugin, the type (once, where it has the
 * plugin's name), the data source (but "value") and, of a counter, "total" by
 * "_"; the host is the label "instance", the plugin's instance a label of the
 * plugin's name, the type's instance the label "type", or, where the plugin has
 * none, the one of the plugin's name (collectd 5.12, write_prometheus.c,
 * metric_family_name() and metric_create()). Prometheus' own collectd_exporter
 * names series in the same way. Where it is ambiguous, what collectd's plugins
 * do decides.
 */
#ifndef VR_ARCHIVE_PROMETHEUS_NAMES_H
#define VR_ARCHIVE_PROMETHEUS_NAMES_H

#include "signal/identifier.h"

#include <jansson.h>
#include <stdbool.h>

struct vr_prometheus_name {
  char host[VR_FIELD_SIZE], plugin[2 * VR_FIELD_SIZE], type[2 * VR_FIELD_SIZE];
  char ds[VR_FIELD_SIZE];
  bool is_counter;
};

/* The name that a series with LABELS, an object of texts, had in collectd.
 * Labels "exported_...", which Prometheus makes without honor_labels, count as
 * what they were. Returns 0; -ENOENT where it is none of collectd's; -EINVAL
 * where a part is too long, or holds what no name of collectd's may. */
int vr_prometheus_name(const json_t *labels, struct vr_prometheus_name *ret);

#endif
