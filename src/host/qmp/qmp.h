/* SPDX-License-Identifier: MIT
 *
 * A QEMU that is asked through its QMP socket every interval for what only QEMU
 * has: the guest's disks (query-blockstats), its balloon driver's statistics,
 * and what KVM counts (query-stats).
 *
 * Nothing here ever waits: one non-blocking socket, driven in small steps. A
 * question is asked only after the last one was answered, so a QEMU that hangs
 * costs nothing. QEMU serves one client at a time: the connection is made for
 * each reading and closed when all was answered, so that others get in between;
 * and it is made only to sockets that no manager needs.
 */
#ifndef VR_HOST_QMP_QMP_H
#define VR_HOST_QMP_QMP_H

#include "host/qmp/qmp_options.h"
#include "host/qmp/qmp_report.h"

#include <sys/types.h>

struct vr_qmp;

/* Connects to the socket PATH of the process PID below the directory PROC
 * ("/proc"). The path is the process's own: from its root, or from its working
 * directory. NAME is for messages. Returns 0 (the connection may still fail, or
 * come later) or -ENOMEM. */
int vr_qmp_new(const char *proc, pid_t pid, const char *path, const char *name,
               const struct vr_qmp_options *options, struct vr_qmp **ret);
void vr_qmp_free(struct vr_qmp *q);

/* Sends this interval's questions, if the last ones were answered. */
void vr_qmp_ask(struct vr_qmp *q);

/* Between two readings: asks for the balloon's statistics alone, of a guest
 * that has a balloon and answered the last reading. Returns whether it was
 * asked; the answer is taken as any other. */
bool vr_qmp_ask_between(struct vr_qmp *q);

/* The time to wait for that is over. Who has not answered is not asked again
 * until the next reading, and others are let in. */
void vr_qmp_end_between(struct vr_qmp *q);

/* Takes in what has come, up to an amount that is enough for any answer, so
 * that a QEMU that never stops sending holds up nobody. Returns true when
 * nothing is awaited any more. */
bool vr_qmp_take(struct vr_qmp *q);

/* The descriptor to poll for input, or -1 when nothing is awaited of it. One
 * that did not answer in time last time is not waited for again. */
int vr_qmp_pollfd(const struct vr_qmp *q);

/* The time to wait is over for this interval. */
void vr_qmp_deadline(struct vr_qmp *q);

/* Whether it is where KVM's counters come from. */
bool vr_qmp_reports_kvm(const struct vr_qmp *q);

/* What was answered, as long as it is fresh (of this or the last interval). */
void vr_qmp_sample(const struct vr_qmp *q, struct vr_qmp_report *ret);

/* Asks about vCPUs and devices with the next questions, not only when it is
 * time to. */
void vr_qmp_probe_again(struct vr_qmp *q);

/* The threads that QEMU reports as vCPUs: copies at most N, returns how many.
 */
size_t vr_qmp_vcpus(const struct vr_qmp *q, pid_t *tids, size_t n);

#endif
