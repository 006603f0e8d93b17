/* SPDX-License-Identifier: MIT */
#include "schema/direct.h"

#define VALUE(id, source) .values = {{(id), (source)}}, .n_values = 1
#define VALUES(first, second)                                                  \
  .values = {{(first), 0}, {(second), 0}}, .n_values = 2

/* What a second counts is the second, whatever the guest's size. */
#define AS_IT_IS .scale = 1, .gain = 1

/* Pages of 4096 bytes. */
#define PAGES_OF_BYTES .scale = 0x1p-12, .gain = 1

/* Nanoseconds a second become percent of all vCPUs. */
#define PERCENT_OF_VCPUS .scale = 1e-9, .gain = 100, .per = VR_PER_VCPU

const struct vr_direct vr_schema_direct[] = {
    {VR_NET_TX, VR_DIRECT, VALUE(VR_SIGNAL_TAP_OCTETS, 0), AS_IT_IS,
     .comment = "What the guest sends is what its tap receives."},
    {VR_NET_RX, VR_DIRECT, VALUE(VR_SIGNAL_TAP_OCTETS, 1), AS_IT_IS},

    {VR_DISK_READ, VR_DIRECT, VALUE(VR_SIGNAL_BLOCK_OCTETS, 0), AS_IT_IS},
    {VR_DISK_WRITE, VR_DIRECT, VALUE(VR_SIGNAL_BLOCK_OCTETS, 1), AS_IT_IS},
    /* The host's page cache would serve a part of it: past it the process reads
     * and writes what its guest does, and a little for itself. */
    {VR_DISK_READ, VR_DERIVED, VALUE(VR_SIGNAL_UNCACHED_OCTETS, 0), AS_IT_IS,
     .proxy = true,
     .comment = "Second choice, where no QMP socket answers: what the VM "
                "process read and wrote, if all of its disks are open with "
                "O_DIRECT."},
    {VR_DISK_WRITE, VR_DERIVED, VALUE(VR_SIGNAL_UNCACHED_OCTETS, 1), AS_IT_IS,
     .proxy = true},

    /* What model files up to version 2 can say of CPU usage; cpu_terms.h has
     * the better definition, and is preferred. A guest without a steal clock
     * (TCG) counts a part of its run-queue delay as busy, which the trainer
     * calibrates. */
    {VR_CPU, VR_DIRECT, VR_ACCEL_TCG,
     VALUES(VR_SIGNAL_VCPU_RUN, VR_SIGNAL_VCPU_WAIT_PREEMPTED),
     PERCENT_OF_VCPUS,
     .comment = "Without a steal clock the guest counts run-queue delay as "
                "busy while a vCPU is preempted, and as idle while it is "
                "waiting after wake-up. ns/s to percent."},
    {VR_CPU, VR_DIRECT, VR_ACCEL_TCG,
     VALUES(VR_SIGNAL_VCPU_RUN, VR_SIGNAL_VCPU_WAIT), PERCENT_OF_VCPUS,
     .comment = "Where the host does not distinguish the two: all of it."},
    {VR_CPU, VR_DIRECT, VR_ACCEL_KVM,
     VALUES(VR_SIGNAL_VCPU_RUN, VR_SIGNAL_VCPU_WAIT), PERCENT_OF_VCPUS,
     .comment = "With a steal clock the guest counts all of it as steal, which "
                "is not idle."},
    {VR_CPU, VR_DIRECT, VR_ACCEL_KVM, VALUE(VR_SIGNAL_VCPU_RUN, 0),
     PERCENT_OF_VCPUS, .comment = "Where run-queue delay is not known."},

    {VR_STEAL, VR_DIRECT, VALUE(VR_SIGNAL_VCPU_WAIT, 0), PERCENT_OF_VCPUS,
     .comment = "The time that the vCPUs were ready to run and had to wait, "
                "whether the guest can see it or not."},
    {VR_EXECUTION, VR_DIRECT, VALUES(VR_SIGNAL_VCPU_RUN, VR_SIGNAL_VCPU_WAIT),
     AS_IT_IS, .percentage = true,
     .comment = "The rate of execution: of the time that the vCPUs were ready "
                "to run, the part that they ran."},

    {VR_PAGE_FAULTS, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_FAULTS, 0),
     AS_IT_IS,
     .comment = "The balloon driver reports the guest kernel's pgfault as "
                "minor faults, as collectd's vmem plugin does."},
    {VR_PAGE_FAULTS_MAJOR, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_FAULTS, 1),
     AS_IT_IS},

    {VR_MEMORY_FREE, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_FREE, 0), AS_IT_IS,
     .comment = "MemFree of the guest, as the balloon driver reports it."},
    {VR_MEMORY_AVAILABLE, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_AVAILABLE, 0),
     AS_IT_IS, .comment = "MemAvailable, likewise."},
    {VR_SWAP_IN, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_SWAP_IN, 0),
     PAGES_OF_BYTES,
     .comment = "The driver reports bytes; collectd counts pages of 4096."},
    {VR_SWAP_OUT, VR_COOPERATIVE, VALUE(VR_SIGNAL_BALLOON_SWAP_OUT, 0),
     PAGES_OF_BYTES},

    {VR_STATE, VR_DIRECT, VALUE(VR_SIGNAL_STATE, 0), AS_IT_IS,
     .comment = "1 running, 2 paused, 3 stopped by a fault, 4 switched off, 5 "
                "suspended: as QEMU or libvirt reports it."},
};
const size_t vr_schema_direct_count =
    sizeof(vr_schema_direct) / sizeof(vr_schema_direct[0]);
