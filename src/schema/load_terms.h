/* SPDX-License-Identifier: MIT
 *
 * The law of load: by which terms a host counts the active tasks of a Linux
 * guest, n = busy vCPUs + requests in flight (model/load_law.h). The mean
 * number of requests in flight is the growth of their total time (Little's
 * law). contrib/models/laws.json is generated from the terms.
 */
#ifndef VR_SCHEMA_LOAD_TERMS_H
#define VR_SCHEMA_LOAD_TERMS_H

#include "schema/accelerator.h"
#include "schema/host_signals.h"

/* What not every host knows of every guest. Each is a bit. */
enum vr_load_part {
  VR_LOAD_BUSY = 0,         /* what each does: how long vCPUs ran and waited */
  VR_LOAD_IN_FLIGHT = 1,    /* time of reads and writes: from QMP or libvirt */
  VR_LOAD_FLUSHES = 2,      /* and of flushes */
  VR_LOAD_HALT_POLLING = 4, /* time that KVM polled while the guest was idle */
};

enum { VR_LOAD_TERM_VALUES = 2, VR_LOAD_TERM_WEIGHTS = 3 };

/* weight * min(scale * sum of the values, max), in tasks. */
struct vr_load_term {
  enum vr_load_part part;
  struct vr_signal_value values[VR_LOAD_TERM_VALUES];
  size_t n_values;
  double scale;
  double max;                           /* INFINITY: none */
  double weights[VR_LOAD_TERM_WEIGHTS]; /* lower bound, value, upper bound */
};

extern const struct vr_load_term vr_schema_load_terms[];
extern const size_t vr_schema_load_terms_count;

/* One definition: the terms of these parts. */
struct vr_load_definition {
  unsigned parts; /* sum of enum vr_load_part */
  enum vr_accelerator accelerator;
  const char *comment; /* for readers of laws.json; NULL: none */
};

/* In the order of preference: what is known counts. */
extern const struct vr_load_definition vr_schema_load_definitions[];
extern const size_t vr_schema_load_definitions_count;

#endif
