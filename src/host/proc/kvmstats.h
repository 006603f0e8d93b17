/* SPDX-License-Identifier: MIT
 *
 * What KVM counts of a guest: why its vCPUs left it, how long they polled and
 * slept for want of work. The same counters come two ways: from QEMU's QMP
 * socket (query-stats, QEMU 7.1), and from debugfs (kernel/debug/kvm/PID-FD/,
 * one file each, where it is mounted and may be read).
 */
#ifndef VR_HOST_PROC_KVMSTATS_H
#define VR_HOST_PROC_KVMSTATS_H

#include "host/proc/procfile.h"
#include "schema/host_signals.h"

#include <stdbool.h>
#include <stdint.h>

/* Numbers of the counters in the schema's list VR_KVM_STATS. */
#define VR_KVM_STAT(name, readers) VR_KVM_##name,
enum vr_kvm_stat { VR_KVM_STATS(VR_KVM_STAT) VR_KVM_STAT_COUNT };

/* Summed over the guest's vCPUs. */
struct vr_kvm_sample {
  bool have[VR_KVM_STAT_COUNT];
  uint64_t value[VR_KVM_STAT_COUNT];
};

/* "exits" and so on. */
extern const char *const vr_kvmstats_names[VR_KVM_STAT_COUNT];

/* The number of a name, or -1. */
int vr_kvmstats_by_name(const char *name);

/* A guest's directory in debugfs; begins as vr_kvmstats_init() makes it. */
struct vr_kvmstats {
  char path[48]; /* below /sys; "": none */
  struct vr_procfile files[VR_KVM_STAT_COUNT];
  bool missing[VR_KVM_STAT_COUNT];
};

void vr_kvmstats_init(struct vr_kvmstats *k);

/* Searches the directory of the process PID below SYSFD (/sys), unless it is
 * known. */
void vr_kvmstats_find(struct vr_kvmstats *k, int sysfd, pid_t pid);

/* Returns whether anything is known. */
bool vr_kvmstats_read(struct vr_kvmstats *k, int sysfd,
                      struct vr_fd_budget *budget, struct vr_kvm_sample *ret);
void vr_kvmstats_close(struct vr_kvmstats *k, struct vr_fd_budget *budget);

#endif
