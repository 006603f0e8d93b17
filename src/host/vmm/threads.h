/* SPDX-License-Identifier: MIT
 *
 * The threads of a VM process in three groups: those that execute the guest's
 * processors (vCPU), those that the kernel has added to it as vhost workers
 * (since Linux 6.4, called vhost-N), and all others (emulator: main loop, I/O,
 * workers).
 *
 * A group's counters are the sums of what its threads did since they were first
 * seen, so they never go back when a worker ends. A thread that has not run
 * since the last reading (its schedstat is the same) cannot have switched or
 * faulted: its other files are not read.
 *
 * A thread waits for a CPU after it was preempted, or after its wake-up. Only
 * the first is time that a guest takes for its own work: while a vCPU waits
 * after wake-up the guest is still idle. The kernel counts both together as
 * run-queue delay. They are distinguished by how often the thread gave its CPU
 * away between two waits: by itself (voluntary: then it slept), or not.
 *
 * A thread that turns out to be a vCPU takes what it did along, unless the sums
 * were given out before: then only what it does from now on counts as a vCPU's.
 */
#ifndef VR_HOST_VMM_THREADS_H
#define VR_HOST_VMM_THREADS_H

#include "host/proc/pidfiles.h"
#include "host/proc/procfile.h"
#include "host/vmm/recognise.h"

#include <stdbool.h>

struct vr_thread_sums {
  bool have_sched, have_switches, have_faults;
  struct vr_schedstat sched;
  struct vr_switches switches;
  uint64_t preempted_ns; /* of the wait: after it was preempted */
  uint64_t minflt, majflt;
};

struct vr_thread {
  pid_t tid;
  bool vcpu, vhost;
  int number;               /* of a vCPU; -1: not known */
  bool late;                /* a vCPU whose faults so far are not its own */
  bool listed;              /* by the scan that is under way */
  unsigned char name_reads; /* how often its name is still read */
  struct vr_procfile sched_file, status_file, stat_file;
  struct vr_schedstat sched; /* as last read, as are the next three */
  struct vr_switches switches;
  struct vr_switches waited; /* switches at the wait that was last seen */
  uint64_t preempted_ns;
  uint64_t minflt, majflt, guest_ticks;
};

enum vr_thread_group { VR_EMULATOR, VR_VCPU, VR_VHOST, VR_THREAD_GROUPS };

struct vr_threads {
  struct vr_thread *v;
  size_t count, capacity;
  size_t vcpus; /* how many of them */
  bool stale;   /* one of them has gone: to be listed again */
  bool missed;  /* one could not be read, for want of descriptors or memory */
  enum vr_accelerator accelerator; /* what names of vCPU threads show */
  bool named;                      /* its vCPU threads have names */
  bool grown; /* a thread was found; the reader of this clears it */
  bool shown; /* the groups' sums were given out: counts stay where they are */
  struct vr_thread_sums sums[VR_THREAD_GROUPS];
};

/* Brings the list in line with DIRFD/task; DIRFD is the process's directory.
 * Returns 0 or a negative errno. */
int vr_threads_scan(struct vr_threads *t, struct vr_fd_budget *budget,
                    int dirfd, const struct vr_recogniser *r);

/* Reads all threads and adds what they did to the sums. GUEST_TIME: a thread
 * that the kernel has seen in guest mode is a vCPU (KVM without thread names).
 */
void vr_threads_read(struct vr_threads *t, struct vr_fd_budget *budget,
                     int dirfd, const struct vr_recogniser *r, bool guest_time);

/* Which threads are vCPUs, from a VMM that does not name them but reports their
 * numbers. */
void vr_threads_set_vcpus(struct vr_threads *t, const pid_t *tids, size_t n);

/* Closes one of the files that are kept open; false when there is none. */
bool vr_threads_evict_file(struct vr_threads *t, struct vr_fd_budget *budget);

void vr_threads_free(struct vr_threads *t, struct vr_fd_budget *budget);

#endif
