/* SPDX-License-Identifier: MIT
 *
 * Reading a guest's files: threads, memory, bytes, control group, KVM's
 * counters, and from time to time what changes rarely.
 */
#ifndef VR_HOST_VMPROCESS_READ_H
#define VR_HOST_VMPROCESS_READ_H

#include "host/vmprocess.h"

/* What this process may not read of any guest: logged once for all of them. */
struct vr_vmproc_denials {
  struct vr_complaint io, fd;
};

/* Reads everything but taps and QMP into the sample; SYSFD is /sys, or -1.
 * Returns 0, or a negative errno when the process has gone: then nothing of the
 * sample holds. */
int vr_vmproc_read(struct vr_vmproc *g, int procfd, int sysfd,
                   struct vr_fd_budget *budget,
                   struct vr_vmproc_denials *denials);

/* Reads only which interfaces it has. The same result. */
int vr_vmproc_read_network(struct vr_vmproc *g, int procfd, int sysfd,
                           struct vr_fd_budget *budget,
                           struct vr_vmproc_denials *denials);

#endif
