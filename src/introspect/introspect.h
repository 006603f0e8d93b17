/* SPDX-License-Identifier: MIT
 *
 * A Linux guest's counters, read from its kernel's own variables in the memory
 * of its VM process. Read-only, scalars only; nothing runs in the guest.
 *
 *   vr_introspect_open(&process, &i);
 *   vr_introspect_search(i, NULL);   in a thread of its own: bounded CPU time
 *   vr_introspect_read(i, &values);  every interval: one process_vm_readv
 *   vr_introspect_close(i);
 *
 * Promises: a value that is given was in the guest kernel's variable at the
 * time of the call (but for idle_tasks); what is not known, not consistent, or
 * of a guest whose clock stands still is withheld. A search takes at most 2 s
 * of CPU time and 64 MiB, whatever the memory holds. A guest that lies about
 * its memory falsifies its own values only.
 */
#ifndef VR_INTROSPECT_INTROSPECT_H
#define VR_INTROSPECT_INTROSPECT_H

#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define VR_INTROSPECT_MAX_CPUS 256

struct vr_introspect;

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

/* What the last search took and found. */
struct vr_introspect_search_stats {
  uint64_t cpu_ns;
  uint64_t bytes_read;
  uint64_t wall_ns;
};

/* Whose memory. */
struct vr_introspect_process {
  pid_t pid;
  uint64_t start;  /* field 22 of its stat, 0: whichever has that number */
  uint64_t memory; /* of the guest, bytes; 0: not known */
};

/* BUDGET is what a descriptor that is kept open counts in, and must outlive it;
 * NULL: there is no limit. Returns 0, -ESRCH when the process is gone or
 * another one, -ENOMEM or another negative errno. */
int vr_introspect_open(const struct vr_introspect_process *process,
                       struct vr_fd_budget *budget, struct vr_introspect **ret);

void vr_introspect_close(struct vr_introspect *i);

/* Looks for the running kernel; may be called in another thread than read, one
 * search at a time. Returns 0 when reading may begin, -ENOENT when there is no
 * Linux kernel that can be read (other system, encrypted memory, still in the
 * firmware), -ETIME when the CPU time was used up, -EPERM or -EACCES without
 * the right to read the process (CAP_SYS_PTRACE), -ESRCH. */
int vr_introspect_search(struct vr_introspect *i,
                         struct vr_introspect_search_stats *ret_stats);

/* When it is time for a search (CLOCK_MONOTONIC, ns): 0 for the first,
 * UINT64_MAX while a kernel is known. After each that fails, the pause before
 * the next is doubled, from 5 s to 5 minutes; and before any, nine times the
 * CPU time that the last one took must have passed. */
uint64_t vr_introspect_due(struct vr_introspect *i);

static inline bool vr_introspect_search_due(struct vr_introspect *i,
                                            uint64_t now_ns) {
  uint64_t due = vr_introspect_due(i);
  return due != UINT64_MAX && now_ns >= due;
}

/* Reads the counters. Returns
 *   0         *ret_values is filled in
 *   -EAGAIN   no kernel known: search first
 *   -ENODATA  the guest's clock stands still (paused, or asleep for seconds) or
 *             stood still in this interval: values withheld
 *   -ESTALE   it is not that kernel any more (reboot, kexec): search anew
 *   -ESRCH    the VM process is gone
 *   -EPERM    no right to read it
 * and leaves *ret_values untouched on error. */
int vr_introspect_read(struct vr_introspect *i,
                       struct vr_introspect_values *ret_values);

/* The kernel's banner ("Linux version …"), empty when none is known. Copies at
 * most SIZE bytes with the NUL. */
void vr_introspect_banner(struct vr_introspect *i, char *text, size_t size);

/* What a negative return value of these functions means, for messages. */
const char *vr_introspect_why(int r);

#endif
