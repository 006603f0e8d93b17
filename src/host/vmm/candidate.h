/* SPDX-License-Identifier: MIT
 *
 * A process that may be a guest: probed by its user, then by its command line
 * and what the configuration names. Of users who are not trusted nothing but
 * stat and status is opened: whatever they write could name more.
 */
#ifndef VR_HOST_VMM_CANDIDATE_H
#define VR_HOST_VMM_CANDIDATE_H

#include "host/proc/pidfiles.h"
#include "host/vmm/custom.h"
#include "host/vmm/recogniser.h"
#include "host/vmm/told.h"
#include "host/vmm/users.h"

/* Which processes are guests, and whose. */
struct vr_candidate_rules {
  const struct vr_users *trusted;
  struct vr_custom *custom;   /* may be NULL */
  const struct vr_told *told; /* may be NULL */
};

struct vr_candidate {
  pid_t pid, parent;
  uid_t user;
  const struct vr_recogniser *recogniser;
  struct vr_vm vm; /* with a name in any case */
  struct vr_pidstat stat;
  char comm[VR_COMM_MAX];
};

/* Probes process PID below PROCFD. Returns 0 when it is a virtual machine of a
 * user that is trusted; -ENOENT when it is none; -ENXIO when it never can be
 * (it is a thread of the kernel); -ESRCH when it has gone; -EPERM when its
 * user, then in RET->user, is not trusted; another negative errno. What *RET
 * holds is of use with 0 and -EPERM only. */
int vr_candidate_probe(int procfd, pid_t pid,
                       const struct vr_candidate_rules *rules,
                       struct vr_candidate *ret);

#endif
