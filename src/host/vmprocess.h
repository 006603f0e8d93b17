/* SPDX-License-Identifier: MIT
 *
 * One VM process and what is read of it every interval.
 */
#ifndef VR_HOST_VMPROCESS_H
#define VR_HOST_VMPROCESS_H

#include "basic/log.h"
#include "host/net/taps.h"
#include "host/proc/accumulator.h"
#include "host/qmp/qmp.h"
#include "host/sample.h"
#include "host/vmm/custom.h"
#include "host/vmm/users.h"

struct vr_vmproc {
  pid_t pid;
  pid_t parent;
  uint64_t start_ticks;
  char comm[16];
  bool executed; /* its name changed: perhaps it is another program by now */
  const struct vr_recogniser *recogniser;
  struct vr_vm vm;
  struct vr_procfile dir; /* /proc/PID, if kept open */
  struct vr_procfile stat_file, statm_file, io_file;
  struct vr_threads threads;
  struct vr_schedstat vhost; /* of workers that are the kernel's own */
  bool have_vhost;           /* it had such a worker */
  struct vr_kvmstats kvm;    /* in debugfs */
  struct vr_cgroup cgroup;
  enum vr_accelerator held; /* what its descriptors say */
  struct vr_taps taps;
  struct vr_accumulator tap_shares, disk_shares;
  bool look;          /* for interfaces, at the next reading */
  struct vr_qmp *qmp; /* NULL: no monitor that may be used */
  bool told;          /* the monitor has told the vCPU threads */
  uint64_t network;   /* inode of its network namespace; 0: the host's */
  unsigned reads;     /* how often it was read */
  struct vr_vmproc_sample sample;
};

/* Which processes are guests, and whose. */
struct vr_vmproc_rules {
  const struct vr_users *trusted;
  const struct vr_custom *custom; /* may be NULL */
};

/* Looks at process PID below PROCFD: if it is a virtual machine of a user that
 * is trusted, makes a guest of it. Returns 0; -ENOENT when it is none; -ENXIO
 * when it never can be (it is a thread of the kernel); -ESRCH when it has gone;
 * -EPERM when its user, then in *RET_USER, is not trusted; another negative
 * errno on failure. */
int vr_vmproc_new(int procfd, pid_t pid, const struct vr_vmproc_rules *rules,
                  struct vr_vmproc **ret, uid_t *ret_user);

/* Whether both were made of one process that is still the same guest. */
bool vr_vmproc_is_same(const struct vr_vmproc *a, const struct vr_vmproc *b);

/* Whether its process still runs. */
bool vr_vmproc_is_there(const struct vr_vmproc *g, int procfd);

/* What this process may not read of any guest: said once for all of them. */
struct vr_vmproc_denials {
  struct vr_complaint io, fd, monitor;
};

/* Reads everything but taps and monitor into the sample; SYSFD is /sys, or -1.
 * Returns 0, or a negative errno when the process has gone: then nothing of the
 * sample holds.
 */
int vr_vmproc_read(struct vr_vmproc *g, int procfd, int sysfd,
                   struct vr_fd_budget *budget,
                   struct vr_vmproc_denials *denials);

/* Gives the guest what a vhost worker of the kernel's did for it. */
void vr_vmproc_add_vhost(struct vr_vmproc *g, const struct vr_schedstat *due);

/* Whether TID is one of its threads, as far as they are known. */
bool vr_vmproc_has_thread(const struct vr_vmproc *g, pid_t tid);

/* Whether it has a monitor that may be used and is to be opened now. */
bool vr_vmproc_wants_qmp(const struct vr_vmproc *g);

/* Opens that monitor: it takes one descriptor of the budget. */
void vr_vmproc_connect_qmp(struct vr_vmproc *g, const char *proc,
                           struct vr_fd_budget *budget,
                           const struct vr_qmp_options *options);

/* Closes one of the files that it keeps open: they can be opened for each
 * reading, as a monitor can not. Returns false when it keeps none. */
bool vr_vmproc_evict_file(struct vr_vmproc *g, struct vr_fd_budget *budget);

/* Takes what the monitor answered into the sample. */
void vr_vmproc_take_qmp(struct vr_vmproc *g);

/* Sums up the disks in the sample, whoever told of them. */
void vr_vmproc_sum_disks(struct vr_vmproc *g);

/* Sums up its interfaces; OWN are those of its network namespace (NULL: not
 * known), HOST those of ours, VFS the virtual functions of our cards. */
void vr_vmproc_sum_taps(struct vr_vmproc *g, const struct vr_netdev *own,
                        const struct vr_netdev *host, struct vr_vfs *vfs);

void vr_vmproc_free(struct vr_vmproc *g, struct vr_fd_budget *budget);

#endif
