/* SPDX-License-Identifier: MIT */
#include "schema/cpu_terms.h"

#include "schema/cpu_ticks.h"

#include <math.h>

#define VALUE(id, source) .values = {{(id), (source)}}, .n_values = 1
#define BOTH(first, second)                                                    \
  .values = {{(first), 0}, {(second), 0}}, .n_values = 2

/* Nanoseconds a second become shares. */
#define NS .scale = 1e-9, .max = INFINITY

/* More requests in flight for each vCPU than threads wait for: asynchronous
 * I/O, of which nobody knows from outside whether anybody waits for it. */
#define THREADS_PER_VCPU 3

/* The constants are those of Linux 6.1 with HZ = 250 on a busy host; see
 * docs/evaluation.md. A guest's own are the trainer's to find. */
#define A 0.3
#define B 1.0
#define A_OF_ALL 0.22 /* where p and w are not known apart */

const struct vr_cpu_term vr_schema_cpu_terms[] = {
    {VR_CPU_RUN, VALUE(VR_SIGNAL_VCPU_RUN, 0), NS, .busy = 1},

    /* - (1 - A) p - B w, w being the delay without p. */
    {VR_CPU_PREEMPTED, VALUE(VR_SIGNAL_VCPU_WAIT_PREEMPTED, 0), NS, .busy = A,
     .all = A - 1 + B},
    {VR_CPU_PREEMPTED, VALUE(VR_SIGNAL_VCPU_WAIT, 0), NS, .all = -B},

    {VR_CPU_DELAY, VALUE(VR_SIGNAL_VCPU_WAIT, 0), NS, .busy = A_OF_ALL,
     .all = A_OF_ALL - 1},

    {VR_CPU_STEAL, VALUE(VR_SIGNAL_VCPU_WAIT, 0), NS, .steal = 1},

    {VR_CPU_IN_FLIGHT,
     .values = {{VR_SIGNAL_BLOCK_TIME, 0}, {VR_SIGNAL_BLOCK_TIME, 1}},
     .n_values = 2, .scale = 1e-3, .max = THREADS_PER_VCPU, .wait = 1},

    /* It counts as run time of the vCPU, and the guest is idle. */
    {VR_CPU_HALT_POLLING,
     BOTH(VR_SIGNAL_KVM_halt_poll_success_ns, VR_SIGNAL_KVM_halt_poll_fail_ns),
     NS, .busy = -1},
};
const size_t vr_schema_cpu_terms_count =
    sizeof(vr_schema_cpu_terms) / sizeof(vr_schema_cpu_terms[0]);

#define IN_TCG VR_ACCEL_TCG, VR_STEAL_CLOCK_UNKNOWN
#define IN_KVM VR_ACCEL_KVM, VR_STEAL_CLOCK_PRESENT
#define IN_KVM_WITHOUT VR_ACCEL_KVM, VR_STEAL_CLOCK_NONE

/* Under TCG with and without the two kinds of delay known apart, under KVM with
 * and without what KVM itself tells, where the guest has a steal clock and
 * where it has none. */
#define FOR_EACH_GUEST(counter, provenance, parts, tcg_comment, kvm_comment)   \
  {(counter), (provenance), VR_CPU_PREEMPTED + (parts), IN_TCG,                \
   (tcg_comment)},                                                             \
      {(counter), (provenance), VR_CPU_DELAY + (parts), IN_TCG, NULL},         \
      {(counter), (provenance), VR_CPU_STEAL + VR_CPU_HALT_POLLING + (parts),  \
       IN_KVM, (kvm_comment)},                                                 \
      {(counter), (provenance), VR_CPU_STEAL + (parts), IN_KVM, NULL},         \
      {(counter), (provenance),                                                \
       VR_CPU_PREEMPTED + VR_CPU_HALT_POLLING + (parts), IN_KVM_WITHOUT,       \
       NULL},                                                                  \
  {                                                                            \
    (counter), (provenance), VR_CPU_PREEMPTED + (parts), IN_KVM_WITHOUT, NULL  \
  }

const struct vr_cpu_definition vr_schema_cpu_definitions[] = {
    FOR_EACH_GUEST(VR_CPU, VR_DIRECT, VR_CPU_IN_FLIGHT,
                   "100 - idle, as collectd has it: busy, steal, and waiting "
                   "for I/O. Without a steal clock (TCG) a guest misses most "
                   "ticks of the time that its vCPU was preempted, in what "
                   "was busy and in the sum of all. b: weights in the "
                   "numerator and in the denominator.",
                   "With a steal clock (KVM) it counts all of it, as steal. "
                   "The time of halt polling is the guest's idle time."),
    FOR_EACH_GUEST(VR_CPU, VR_DIRECT, VR_CPU_RUN,
                   "Where neither QMP nor libvirt tells the time of requests: "
                   "without waiting for I/O.",
                   NULL),
    FOR_EACH_GUEST(VR_BUSY, VR_DIRECT, VR_CPU_RUN,
                   "Without steal and waiting for I/O.", NULL),
    FOR_EACH_GUEST(VR_WAIT, VR_DERIVED, VR_CPU_IN_FLIGHT,
                   "Little's law: idle vCPU time with requests in flight; the "
                   "third b is what is not idle.",
                   NULL),
};
const size_t vr_schema_cpu_definitions_count =
    sizeof(vr_schema_cpu_definitions) / sizeof(vr_schema_cpu_definitions[0]);

bool vr_schema_cpu_weights(const struct vr_cpu_definition *d,
                           const struct vr_cpu_term *t, double *ret_b) {
  if ((t->part & d->parts) != (unsigned)t->part)
    return false;
  double not_idle = t->busy + t->steal;
  double numerator = d->counter == VR_CPU    ? not_idle + t->wait
                     : d->counter == VR_BUSY ? t->busy
                                             : t->wait;
  double taken = d->counter == VR_WAIT ? not_idle : 0;
  double b[VR_CPU_TERM_WEIGHTS] = {numerator, t->all, taken};
  for (int i = 0; i < VR_CPU_TERM_WEIGHTS; i++)
    ret_b[i] = b[i];
  return numerator != 0 || t->all != 0 || taken != 0;
}

double vr_schema_cpu_of_ticks(double run, double preempted, double other_wait) {
  double all = 1 - (1 - A) * preempted - B * other_wait;
  return all > 0 ? (run + A * preempted) / all : 1;
}
