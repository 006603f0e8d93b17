/* SPDX-License-Identifier: MIT
 *
 * The machine and all its guests: found, read, and shown as samples.
 *
 * One object belongs to one thread at a time.
 */
#ifndef VR_HOST_HOST_H
#define VR_HOST_HOST_H

#include "host/proc/procfile.h"
#include "host/sample.h"
#include "host/vmm/custom.h"
#include "host/vmm/told.h"
#include "host/vmm/users.h"

struct vr_host_options {
  const char *proc_path; /* "/proc" */
  const char *sys_path;  /* "/sys" */
  struct vr_users trusted;
  struct vr_custom *custom; /* guests that the configuration names, or NULL */
  struct vr_told *told;     /* what it says of guests' kernels, or NULL */
  const char *pve_users;    /* "/etc/pve/user.cfg", where pools are */
  const char *names_file;   /* who owns a name (owners.h); NULL: not kept */
  bool names_read_only;     /* another program keeps that file */
  bool report_host;         /* read the machine's own counters */
  unsigned extra; /* groups (bits of vr_signal_group) of which even what nobody
                     reads is read; all of them */
  unsigned details;  /* which devices one by one: bits of vr_detail_kind */
  bool network_only; /* of guests, read which interfaces they have, no more */
  bool qmp;          /* ask QMP sockets that are free */
  bool balloon;      /* and their balloon's statistics */
  bool libvirt;      /* and libvirt about the guests that it holds */
  const char *libvirt_uri;     /* "qemu:///system" */
  const char *libvirt_library; /* "libvirt.so.0" */
  double interval;             /* seconds between readings */
  /* Longest wait for all answers together; -1: as the interval allows. */
  int qmp_wait_ms;
  bool no_execs; /* do without the kernel's events of who executes what */
  int fd_budget; /* descriptors kept open; 0: half of the limit */
  /* Whether the guest NAME is to be read; NULL: all. */
  bool (*select)(void *ctx, const struct vr_vm *vm);
  void *select_ctx;
};

void vr_host_options_default(struct vr_host_options *ret);

struct vr_host;

/* Returns 0 or a negative errno (no such proc_path). The options' strings must
 * outlive it. */
int vr_host_new(const struct vr_host_options *options, struct vr_host **ret);
void vr_host_free(struct vr_host *h);

/* Reads everything once. A guest or file that fails is left out and never fails
 * the whole. */
void vr_host_read(struct vr_host *h);

/* Between two readings: reads the guests' page faults again, where a balloon
 * driver reports them (sample.have_faults), and nothing else. */
void vr_host_read_between(struct vr_host *h);

/* How many seconds apart that is to be done, where readings are INTERVAL
 * seconds apart and ASKED was asked for (negative: what is best); 0: not at
 * all. */
double vr_host_between(double interval, double asked);

/* The samples of the last reading; valid until the next. */
const struct vr_host_sample *vr_host_self(const struct vr_host *h);
size_t vr_host_vmproc_count(const struct vr_host *h);
const struct vr_vmproc_sample *vr_host_vmproc(const struct vr_host *h,
                                              size_t i);

/* What descriptors that are kept open count in: for others who keep some. */
struct vr_fd_budget *vr_host_fd_budget(struct vr_host *h);

/* Descriptors kept open now. */
int vr_host_fds(const struct vr_host *h);

#endif
