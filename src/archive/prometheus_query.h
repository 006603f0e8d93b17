/* SPDX-License-Identifier: MIT
 *
 * Questions to Prometheus' HTTP API, version 1, and answers taken out of their
 * envelope.
 */
#ifndef VR_ARCHIVE_PROMETHEUS_QUERY_H
#define VR_ARCHIVE_PROMETHEUS_QUERY_H

#include "archive/prometheus_transport.h"

#include <jansson.h>

/* How many questions in a row were not answered, after which none is asked. */
enum { VR_PROMETHEUS_PATIENCE = 3 };

struct vr_prometheus_query {
  struct vr_prometheus_transport *transport;
  unsigned unanswered; /* in a row */
};

/* A parameter of a question; the last one has no name. */
struct vr_prometheus_parameter {
  const char *name, *value;
};

/* Asks api/v1/PATH. *ret_data is the answer's "data", the caller's to unref.
 * Returns 0; -E2BIG where it would be too much at once: for the server, or to
 * take; -EACCES, -EIO, -EINVAL; *ret_error names the address, and what is
 * wrong. */
int vr_prometheus_query(struct vr_prometheus_query *q, const char *path,
                        const struct vr_prometheus_parameter *parameters,
                        json_t **ret_data, struct vr_error *ret_error);

#endif
