/* SPDX-License-Identifier: MIT
 *
 * What one reading of a guest's kernel gives.
 */
#ifndef VR_INTROSPECT_INTROSPECT_VALUES_H
#define VR_INTROSPECT_INTROSPECT_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#define VR_INTROSPECT_MAX_CPUS 256

/* Which members of the values hold something. */
enum vr_introspect_have {
  VR_HAVE_LOAD = 1u << 0,
  VR_HAVE_THREADS = 1u << 1,
  VR_HAVE_PROCESSES = 1u << 2,
  VR_HAVE_FORKS = 1u << 3,
  VR_HAVE_RUNNING = 1u << 4,
  VR_HAVE_BLOCKED = 1u << 5, /* blocked and uninterruptible */
  VR_HAVE_SWITCHES = 1u << 6,
  VR_HAVE_CPU = 1u << 7,      /* all but idle and iowait */
  VR_HAVE_CPU_IDLE = 1u << 8, /* idle and iowait */
  VR_HAVE_FAULTS = 1u << 9,
  VR_HAVE_PAGING = 1u << 10,
  VR_HAVE_SWAPPING = 1u << 11,
  VR_HAVE_TOTAL = 1u << 12,
  VR_HAVE_FREE = 1u << 13,
  VR_HAVE_BUFFERED = 1u << 14,
  VR_HAVE_CACHED = 1u << 15,
  VR_HAVE_AVAILABLE = 1u << 16,
  VR_HAVE_SLAB = 1u << 17,
  VR_HAVE_UPTIME = 1u << 18,
  VR_HAVE_IDLE_TASKS = 1u << 19,
};

/* CPU time in ns since the guest booted, as /proc/stat has it. */
struct vr_introspect_cpu {
  uint64_t user, nice, system, softirq, irq, idle, iowait, steal;
};

struct vr_introspect_values {
  uint64_t have;                /* VR_HAVE_… */
  double load[3];               /* 1, 5, 15 minutes */
  uint64_t threads;             /* tasks: processes and their threads */
  uint64_t processes;           /* entries of the guest's /proc */
  uint64_t forks;               /* since boot */
  uint64_t running;             /* on the run queues, procs_running */
  uint64_t blocked;             /* waiting for I/O, procs_blocked */
  uint64_t uninterruptible;     /* state D */
  uint64_t idle_tasks;          /* state I, as counted at most 16 reads ago */
  uint64_t switches;            /* context switches since boot */
  uint64_t pgfault, pgmajfault; /* page faults since boot (all, major) */
  uint64_t pgpgin, pgpgout;     /* bytes paged in and out since boot */
  uint64_t pswpin, pswpout;     /* pages swapped since boot */
  uint64_t total, free, buffered, cached, available; /* bytes */
  uint64_t slab_reclaimable, slab_unreclaimable;     /* bytes */
  double uptime;                                     /* s */
  unsigned n_cpus;                                   /* possible */
  unsigned n_online;
  struct vr_introspect_cpu cpu; /* sum */
  struct vr_introspect_cpu cpus[VR_INTROSPECT_MAX_CPUS];
  bool online[VR_INTROSPECT_MAX_CPUS];
};

#endif
