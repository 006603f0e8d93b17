/* SPDX-License-Identifier: MIT
 *
 * What QEMU or libvirt reports of a guest, taken into its sample.
 */
#ifndef VR_HOST_VMPROCESS_QMP_H
#define VR_HOST_VMPROCESS_QMP_H

#include "host/vmprocess.h"

/* Whether it has a QMP socket that may be used and is to be opened now. */
bool vr_vmproc_wants_qmp(const struct vr_vmproc *g);

/* Opens that socket: it takes one descriptor of the budget. */
void vr_vmproc_connect_qmp(struct vr_vmproc *g, const char *proc,
                           struct vr_fd_budget *budget,
                           const struct vr_qmp_options *options);

/* Ends the wait for QEMU's answers and takes them into the sample. */
void vr_vmproc_take_qmp(struct vr_vmproc *g);

/* Takes a report into the sample. What KVM counts stays if it is not in it:
 * debugfs may have had it. */
void vr_vmproc_take_report(struct vr_vmproc *g, const struct vr_qmp_report *r);

/* Sums up the disks in the sample, whoever reported them. */
void vr_vmproc_sum_disks(struct vr_vmproc *g);

/* Gives the balloon's values in the sample their instant, or drops them where
 * they were sent already. Readings are INTERVAL seconds apart, NOW is in
 * seconds since 1970. */
void vr_vmproc_date_balloon(struct vr_vmproc *g, double interval, double now);

/* Between two readings: takes what QEMU has answered into the sample's faults,
 * if that is a report of which nothing was emitted yet. */
void vr_vmproc_take_faults(struct vr_vmproc *g, double now);

#endif
