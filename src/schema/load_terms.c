/* SPDX-License-Identifier: MIT */
#include "schema/load_terms.h"

#include <math.h>

#define VALUE(id, source) .values = {{(id), (source)}}, .n_values = 1
#define BOTH(first, second)                                                    \
  .values = {{(first), 0}, {(second), 0}}, .n_values = 2
#define LOWER_VALUE_UPPER(lower, value, upper)                                 \
  .weights = {(lower), (value), (upper)}

/* Nanoseconds and milliseconds a second become tasks. */
#define NS .scale = 1e-9, .max = INFINITY
#define MS .scale = 1e-3, .max = INFINITY

const struct vr_load_term vr_schema_load_terms[] = {
    {VR_LOAD_BUSY, VALUE(VR_SIGNAL_VCPU_RUN, 0), NS,
     LOWER_VALUE_UPPER(1, 1, 1)},
    /* Of the run-queue delay, a task of the guest was active while its vCPU was
     * preempted. After wake-up a vCPU may have waited for a moment's work only.
     * The delay of both together is the upper bound's. */
    {VR_LOAD_BUSY, VALUE(VR_SIGNAL_VCPU_WAIT_PREEMPTED, 0), NS,
     LOWER_VALUE_UPPER(1, 1, 0)},
    {VR_LOAD_BUSY, VALUE(VR_SIGNAL_VCPU_WAIT, 0), NS,
     LOWER_VALUE_UPPER(0, 0, 1)},

    /* Somebody waits for most requests, the reader, the writer that is held
     * back, or the kernel's own writeback; but hardly anybody for as many as
     * only asynchronous I/O and the page cache have in flight. So up to four
     * count, which is right for as many that wait, and wrong by four at most.
     * docs/evaluation.md has what that makes of kinds of I/O. */
    {VR_LOAD_IN_FLIGHT,
     .values = {{VR_SIGNAL_BLOCK_TIME, 0}, {VR_SIGNAL_BLOCK_TIME, 1}},
     .n_values = 2, .scale = 1e-3, .max = 4, LOWER_VALUE_UPPER(0, 1, 0)},
    {VR_LOAD_IN_FLIGHT,
     .values = {{VR_SIGNAL_BLOCK_TIME, 0}, {VR_SIGNAL_BLOCK_TIME, 1}},
     .n_values = 2, MS, LOWER_VALUE_UPPER(0, 0, 1)},
    /* A flush is waited for. */
    {VR_LOAD_FLUSHES, VALUE(VR_SIGNAL_BLOCK_FLUSH_TIME, 0), NS,
     LOWER_VALUE_UPPER(0, 1, 1)},

    /* It counts as run time of the vCPU, and the guest is idle. */
    {VR_LOAD_HALT_POLLING,
     BOTH(VR_SIGNAL_KVM_halt_poll_success_ns, VR_SIGNAL_KVM_halt_poll_fail_ns),
     .scale = -1e-9, .max = INFINITY, LOWER_VALUE_UPPER(1, 1, 1)},
};
const size_t vr_schema_load_terms_count =
    sizeof(vr_schema_load_terms) / sizeof(vr_schema_load_terms[0]);

#define KVM(parts)                                                             \
  { VR_LOAD_HALT_POLLING + (parts), VR_ACCEL_KVM, NULL }
#define ANY(parts, comment)                                                    \
  { (parts), VR_ACCEL_ANY, (comment) }

const struct vr_load_definition vr_schema_load_definitions[] = {
    KVM(VR_LOAD_IN_FLIGHT + VR_LOAD_FLUSHES),
    ANY(VR_LOAD_IN_FLIGHT + VR_LOAD_FLUSHES,
        "The guest kernel's load average over busy vCPUs and requests in "
        "flight. b: weights in the lower bound, the value and the upper "
        "bound. Before it, the same under KVM, less the time of halt polling."),
    KVM(VR_LOAD_IN_FLIGHT),
    ANY(VR_LOAD_IN_FLIGHT, "Where the time of flushes is not known."),
    KVM(0),
    ANY(0, "Where neither QMP nor libvirt tells the time of requests: tasks "
           "that wait for a disk are missing."),
};
const size_t vr_schema_load_definitions_count =
    sizeof(vr_schema_load_definitions) / sizeof(vr_schema_load_definitions[0]);
