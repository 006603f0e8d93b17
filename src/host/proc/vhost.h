/* SPDX-License-Identifier: MIT
 *
 * vhost workers that are threads of the kernel: what moves a guest's packets
 * (vhost-net) or blocks in its VMM's stead, at the guest's expense but
 * outside of its process. Linux before 6.4 makes one for each device and calls
 * it vhost-N, N the number of the thread that asked for it. Since 6.4 workers
 * are threads of the VMM's own process, see threads.h.
 */
#ifndef VR_HOST_PROC_VHOST_H
#define VR_HOST_PROC_VHOST_H

#include "host/proc/pidfiles.h"
#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_vhost_worker {
  pid_t pid;
  pid_t asked_by; /* the thread in its name */
  pid_t owner;    /* the process of its guest; 0: not known */
  uint64_t start_ticks;
  struct vr_procfile sched_file;
  struct vr_schedstat sched; /* as last read */
  struct vr_schedstat due;   /* what its guest has not been given yet */
  size_t hint;               /* where the guest stood last, for the reader */
};

struct vr_vhosts {
  struct vr_vhost_worker *v;
  size_t count, capacity;
};

/* The number in a worker's name ("vhost-N"); 0 for other names. */
pid_t vr_vhost_name(const char *name);

/* Probes process PID below PROCFD: if it is a worker, adds it. A process that
 * only calls itself so is none. Returns 0, also when it is there already;
 * -ENOENT when it is none; -EAGAIN when it is a thread of the kernel that has
 * no name yet; another negative errno on failure. */
int vr_vhost_add(struct vr_vhosts *w, int procfd, pid_t pid);

/* Reads all workers' times. Those that have gone are taken out and shown to
 * GONE. */
void vr_vhost_read(struct vr_vhosts *w, int procfd, struct vr_fd_budget *budget,
                   void (*gone)(void *ctx, pid_t pid), void *ctx);

void vr_vhost_free(struct vr_vhosts *w, struct vr_fd_budget *budget);

#endif
