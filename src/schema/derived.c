/* SPDX-License-Identifier: MIT */
#include "schema/derived.h"

#define ONLY VR_COUNTER_SET
/* Counters that no definition gives. */
#define WORK (ONLY(VR_LOAD) | ONLY(VR_PROCESSES) | ONLY(VR_CONTEXTSWITCH))
#define IO (ONLY(VR_LOAD) | ONLY(VR_CONTEXTSWITCH) | ONLY(VR_BUFFERS))
#define NETWORK (ONLY(VR_LOAD) | ONLY(VR_CONTEXTSWITCH))

const struct vr_derived vr_schema_derived[] = {
    {"switches_per_idle",
     {VR_SIGNAL_VCPU_SWITCHES_VOLUNTARY, 0},
     .scale = 1e-3,
     .per_idle = true,
     .explains = WORK},
    {"log_faults",
     {VR_SIGNAL_BALLOON_FAULTS, 0},
     .scale = 1,
     .is_log = true,
     .explains = WORK},
    {"major_faults",
     {VR_SIGNAL_BALLOON_FAULTS, 1},
     .scale = 1e-2,
     .explains = WORK},
    {"block_read_time",
     {VR_SIGNAL_BLOCK_TIME, 0},
     .scale = 1e-3,
     .explains = IO},
    {"block_write_time",
     {VR_SIGNAL_BLOCK_TIME, 1},
     .scale = 1e-3,
     .explains = IO},
    {"block_reads", {VR_SIGNAL_BLOCK_OPS, 0}, .scale = 1e-3, .explains = IO},
    {"block_writes", {VR_SIGNAL_BLOCK_OPS, 1}, .scale = 1e-3, .explains = IO},
    {"net_packets_out",
     {VR_SIGNAL_TAP_PACKETS, 0},
     .scale = 1e-3,
     .explains = NETWORK},
    {"net_packets_in",
     {VR_SIGNAL_TAP_PACKETS, 1},
     .scale = 1e-3,
     .explains = NETWORK},
    /* Of KVM's counters those that say when a guest had nothing to do, when it
     * was called, and when it called; recorded with the option Extra only, but
     * for the times of polling. */
    {"kvm_halts",
     {VR_SIGNAL_KVM_halt_exits, 0},
     .scale = 1e-3,
     .explains = WORK},
    {"kvm_wakeups",
     {VR_SIGNAL_KVM_halt_wakeup, 0},
     .scale = 1e-3,
     .explains = WORK},
    {"kvm_injections",
     {VR_SIGNAL_KVM_irq_injections, 0},
     .scale = 1e-3,
     .explains = WORK},
    {"kvm_halt_wait",
     {VR_SIGNAL_KVM_halt_wait_ns, 0},
     .scale = 1e-9,
     .explains = WORK},
    {"kvm_polled",
     {VR_SIGNAL_KVM_halt_poll_success_ns, 0},
     .scale = 1e-9,
     .explains = WORK},
    {"kvm_polled_in_vain",
     {VR_SIGNAL_KVM_halt_poll_fail_ns, 0},
     .scale = 1e-9,
     .explains = WORK},
    {"kvm_io_exits",
     {VR_SIGNAL_KVM_io_exits, 0},
     .scale = 1e-3,
     .explains = IO | NETWORK},
    {"kvm_hypercalls",
     {VR_SIGNAL_KVM_hypercalls, 0},
     .scale = 1e-3,
     .explains = WORK},
};
const size_t vr_schema_derived_count =
    sizeof(vr_schema_derived) / sizeof(vr_schema_derived[0]);
