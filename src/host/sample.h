/* SPDX-License-Identifier: MIT
 *
 * What one reading found out: about the machine, and about each guest. A part
 * that could not be read is marked as not known, never zero.
 */
#ifndef VR_HOST_SAMPLE_H
#define VR_HOST_SAMPLE_H

#include "host/net/netdev.h"
#include "host/proc/cgroup.h"
#include "host/proc/hoststat.h"
#include "host/proc/pidfiles.h"
#include "host/qmp/qmp_report.h"
#include "host/vmm/threads.h"
#include "host/vmm/vm.h"

#include <stdbool.h>

struct vr_host_sample {
  bool have_stat, have_load, have_faults, have_memory, have_disks, have_net;
  struct vr_hoststat stat;
  struct vr_loadavg load;
  struct vr_faults faults;
  struct vr_meminfo memory;
  struct vr_disks disks;
  struct vr_netif net;
};

struct vr_taps;
struct vr_details;

struct vr_vmproc_sample {
  char name[VR_NAME_MAX]; /* unique among the guests, sanitised */
  /* Its uuid, or "" where there is none, or an elder guest has the same. */
  char uuid[VR_UUID_MAX];
  struct vr_labels labels;
  const struct vr_vm *vm; /* as the command line has it */
  pid_t pid;
  uint64_t start; /* of the process, clock ticks after the machine's */
  enum vr_accelerator accelerator;
  enum vr_os os;
  enum vr_steal_clock steal_clock;
  enum vr_idle idle;
  bool nested;       /* a KVM guest on a host that is a guest itself */
  unsigned vcpus;    /* 0: not known */
  uint64_t memory;   /* configured, bytes; 0: not known */
  bool have_threads; /* vCPU threads are distinguished from the others */
  struct vr_thread_sums vcpu, emulator;
  bool have_vhost; /* it has vhost workers */
  struct vr_schedstat vhost;
  bool have_resident, have_io, have_tap, have_block, have_balloon;
  uint64_t resident; /* bytes */
  struct vr_pidio io;
  bool uncached;       /* its disks are open past the host's page cache */
  struct vr_netif tap; /* rx: what the guest transmitted */
  const struct vr_taps *taps; /* as last found */
  uint64_t network;           /* inode of its network namespace; 0: not known */
  struct vr_disks block;
  struct vr_disk_list disks; /* what block is made of, as last reported */
  bool have_stalled;
  uint64_t stalled; /* requests in flight at disks that complete nothing */
  struct vr_balloon balloon;
  double balloon_at; /* the instant of that, seconds since 1970; 0: never */
  /* Its page faults were not emitted yet. Those that were emitted last: by a
   * reading between two others, and their instant. */
  bool have_faults, faults_between;
  double faults_at;
  enum vr_vmstate state;
  bool have_kvm;
  struct vr_kvm_sample kvm;
  struct vr_cgroup_sample cgroup;
  const struct vr_details
      *details; /* its devices; NULL: nobody asks for them */
};

#endif
