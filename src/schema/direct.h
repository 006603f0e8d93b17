/* SPDX-License-Identifier: MIT
 *
 * Definitions of counters that need no estimation: what the host measures
 * itself (direct), and what the guest's balloon driver reports (cooperative).
 * Those of what is read from the guest's kernel (introspected) follow from the
 * counters' table. contrib/models/generic.json is generated from them, and the
 * trainer uses them.
 */
#ifndef VR_SCHEMA_DIRECT_H
#define VR_SCHEMA_DIRECT_H

#include "schema/accelerator.h"
#include "schema/host_signals.h"
#include "schema/provenance.h"

enum { VR_DIRECT_VALUES = 2 };

/* counter = gain * (scale * sum of the values / per), not below 0 and not above
 * the counter's maximum. */
struct vr_direct {
  enum vr_counter counter;
  enum vr_provenance provenance;
  enum vr_accelerator accelerator; /* VR_ACCEL_ANY: whatever runs the guest */
  struct vr_signal_value values[VR_DIRECT_VALUES];
  size_t n_values;
  double scale, gain;
  enum vr_per per;
  bool percentage; /* it is the percentage of the first value in all of them */
  bool proxy;      /* near the guest's number, but not it: last choice of the
                      target, none of the trainer */
  const char *comment; /* for readers of generic.json */
};

/* The rows of a counter are in the order of preference. */
extern const struct vr_direct vr_schema_direct[];
extern const size_t vr_schema_direct_count;

#endif
