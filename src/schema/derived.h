/* SPDX-License-Identifier: MIT
 *
 * What a guest's own models may be made of besides the series themselves
 * (host_signals.h): directions of what is otherwise offered as a sum, times of
 * requests, rates over idle time, logarithms. Pooled models are not: what a
 * guest does between two requests is its own.
 */
#ifndef VR_SCHEMA_DERIVED_H
#define VR_SCHEMA_DERIVED_H

#include "schema/host_signals.h"

#include <stdbool.h>

struct vr_derived {
  const char *source; /* the trainer's name of it */
  struct vr_signal_value value;
  double scale;
  /* It is divided by the part of a vCPU that is left idle: a guest whose vCPUs
   * sleep half of the time, and are woken so often in that half, switches so
   * often in all of it. */
  bool per_idle;
  bool is_log; /* log(1 + scale x): what comes in bursts of any size */
  vr_counter_set explains;
};

extern const struct vr_derived vr_schema_derived[];
extern const size_t vr_schema_derived_count;

#endif
