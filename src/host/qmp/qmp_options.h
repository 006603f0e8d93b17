/* SPDX-License-Identifier: MIT
 *
 * How a QEMU is to be asked through its QMP socket.
 */
#ifndef VR_HOST_QMP_QMP_OPTIONS_H
#define VR_HOST_QMP_QMP_OPTIONS_H

#include "basic/log.h"

#include <stdbool.h>

enum { VR_VCPUS_MAX = 512 };

struct vr_qmp_options {
  struct vr_complaint *denied;    /* shared: sockets that may not be opened */
  struct vr_complaint *no_queues; /* shared: QEMUs that do not report them */
  bool balloon;            /* read, and switch on, the balloon's statistics */
  bool kvm;                /* the guest runs on KVM: read what that counts */
  unsigned balloon_period; /* seconds between the guest's reports, at least 1,
                              where nobody has chosen them */
  /* After an answer that was late the connection is kept for so many intervals:
   * to connect anew takes longer than to ask. */
  unsigned keep;
};

#endif
