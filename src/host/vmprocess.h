/* SPDX-License-Identifier: MIT
 *
 * One VM process: who it is, and what is kept open to read it every interval.
 */
#ifndef VR_HOST_VMPROCESS_H
#define VR_HOST_VMPROCESS_H

#include "basic/log.h"
#include "host/details.h"
#include "host/net/taps.h"
#include "host/proc/accumulator.h"
#include "host/qmp/qmp.h"
#include "host/sample.h"
#include "host/vmm/candidate.h"

/* In so many readings at first a new guest may still change. */
enum { VR_VMPROC_FIRST_READS = 3, VR_VMPROC_ID_MAX = 64 };

struct vr_vmproc {
  pid_t pid;
  pid_t parent;
  uint64_t start_ticks;
  char comm[VR_COMM_MAX];
  bool executed; /* its name changed: perhaps it is another program by now */
  const struct vr_recogniser *recogniser;
  struct vr_vm vm;
  char plain[VR_NAME_MAX];   /* its name, sanitised */
  char id[VR_VMPROC_ID_MAX]; /* who it is, whatever it is called */
  bool named;                /* in the naming that is under way */
  struct vr_procfile dir;    /* /proc/PID, if kept open */
  struct vr_procfile stat_file, statm_file, io_file;
  struct vr_threads threads;
  struct vr_schedstat vhost; /* of workers that are the kernel's own */
  bool have_vhost;           /* it had such a worker */
  struct vr_kvmstats kvm;    /* in debugfs */
  struct vr_cgroup cgroup;
  enum vr_accelerator held; /* what its descriptors show */
  bool is_nested_known;     /* sample.nested was found out */
  enum vr_os os_described;  /* as who manages it describes it */
  struct vr_taps taps;
  struct vr_accumulator tap_sums, disk_sums;
  bool probe;              /* for interfaces, at the next reading */
  struct vr_qmp *qmp;      /* NULL: no QMP socket that may be used */
  bool vcpus_reported;     /* QEMU has reported the vCPU threads */
  time_t balloon_updated;  /* when its driver reported last */
  unsigned balloon_period; /* seconds between its reports */
  uint64_t network;        /* inode of its network namespace; 0: the host's */
  unsigned reads;          /* how often it was read */
  struct vr_details *details; /* NULL: nobody asks for them */
  struct vr_vmproc_sample sample;
};

/* If process PID below PROCFD is a virtual machine of a user that is trusted,
 * makes a guest of it. Returns what vr_candidate_probe() does, or -ENOMEM; with
 * -EPERM *RET_USER is the user. */
int vr_vmproc_new(int procfd, pid_t pid, const struct vr_candidate_rules *rules,
                  struct vr_vmproc **ret, uid_t *ret_user);

/* Whether both were made of one process that is still the same guest. */
bool vr_vmproc_is_same(const struct vr_vmproc *a, const struct vr_vmproc *b);

/* Whether STAT, read now, is of a process that has ended or has only the same
 * number. */
bool vr_vmproc_is_another(const struct vr_vmproc *g,
                          const struct vr_pidstat *stat);

/* Whether the error of a reading means that the process has ended. A shortage
 * of descriptors or memory, of ours or of the machine's, does not. */
bool vr_vmproc_is_over(int error);

/* Marks all that a reading finds as not known. */
void vr_vmproc_mark_unread(struct vr_vmproc *g);

/* The inode of the network namespace in which process PID is now; 0: not known.
 */
uint64_t vr_vmproc_network(int procfd, pid_t pid);

/* Whether its process still runs. */
bool vr_vmproc_is_there(const struct vr_vmproc *g, int procfd);

/* Takes the sums of its threads into the sample. */
void vr_vmproc_show_threads(struct vr_vmproc *g);

/* Gives the guest what a vhost worker of the kernel's did for it. */
void vr_vmproc_add_vhost(struct vr_vmproc *g, const struct vr_schedstat *due);

/* Whether TID is one of its threads, as far as they are known. */
bool vr_vmproc_has_thread(const struct vr_vmproc *g, pid_t tid);

/* Closes one of the files that it keeps open: they can be opened for each
 * reading, as a QMP socket can not. Returns false when it keeps none. */
bool vr_vmproc_evict_file(struct vr_vmproc *g, struct vr_fd_budget *budget);

void vr_vmproc_free(struct vr_vmproc *g, struct vr_fd_budget *budget);

#endif
