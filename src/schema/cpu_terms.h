/* SPDX-License-Identifier: MIT
 *
 * The law of CPU usage: how the percentages that a guest's kernel counts follow
 * from the time that the host's scheduler gave its vCPU threads, as a ratio of
 * times (model/ratio.h). contrib/models/laws.json is generated from the terms,
 * and the trainer uses them.
 *
 * Every time is a share of the vCPUs' time: r they ran, p they were preempted,
 * w they waited after a wake-up, s they slept, f requests of theirs were in
 * flight.
 *
 * Without a steal clock the kernel counts its idle time by a clock that goes
 * on, and its busy time by ticks. Ticks that fall into a time in which the vCPU
 * did not run come as one when it runs again, so that of a preemption of length
 * d no more than min(d, 1/HZ) is counted, and the rest is missing in the sum of
 * all states, by which collectd divides:
 *
 *   active = (r + a p + f) / (1 - (1 - a) p - b w)
 *
 * a is the mean of min(d, 1/HZ) over that of d. w itself is idle time; b is
 * there because the host distinguishes p and w only by how often a thread was
 * preempted and how often it slept, which takes too much for w.
 *
 * With a steal clock all that the vCPU waited is counted, as steal.
 */
#ifndef VR_SCHEMA_CPU_TERMS_H
#define VR_SCHEMA_CPU_TERMS_H

#include "schema/accelerator.h"
#include "schema/guest_kernel.h"
#include "schema/host_signals.h"
#include "schema/provenance.h"

/* What not every host knows of every guest. Each is a bit. */
enum vr_cpu_part {
  VR_CPU_RUN = 0,           /* what each does */
  VR_CPU_PREEMPTED = 1,     /* delay after preemption and after wake-up apart */
  VR_CPU_DELAY = 2,         /* both in one */
  VR_CPU_STEAL = 4,         /* both, seen by the guest's steal clock */
  VR_CPU_IN_FLIGHT = 8,     /* time of requests: from QMP or libvirt */
  VR_CPU_HALT_POLLING = 16, /* time that KVM polled while the guest was idle */
};

enum { VR_CPU_TERM_VALUES = 2, VR_CPU_TERM_WEIGHTS = 3 };

/* scale * sum of the values, per vCPU, and how it counts in each state and in
 * the sum of all of them. Beyond max it is not counted. */
struct vr_cpu_term {
  enum vr_cpu_part part;
  struct vr_signal_value values[VR_CPU_TERM_VALUES];
  size_t n_values;
  double scale, max;
  double busy, steal, wait, all;
};

extern const struct vr_cpu_term vr_schema_cpu_terms[];
extern const size_t vr_schema_cpu_terms_count;

/* The terms of these parts define the counter. */
struct vr_cpu_definition {
  enum vr_counter counter;
  enum vr_provenance provenance;
  unsigned parts; /* sum of enum vr_cpu_part */
  enum vr_accelerator accelerator;
  enum vr_steal_clock steal_clock;
  const char *comment; /* for readers of laws.json; NULL: none */
};

/* Those of a counter are in the order of preference. */
extern const struct vr_cpu_definition vr_schema_cpu_definitions[];
extern const size_t vr_schema_cpu_definitions_count;

/* The three weights b (model/ratio.h) of term T in definition D; false where it
 * is none of its terms, or counts nowhere. */
bool vr_schema_cpu_weights(const struct vr_cpu_definition *d,
                           const struct vr_cpu_term *t, double *ret_b);

#endif
