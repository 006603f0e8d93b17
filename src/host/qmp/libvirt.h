/* SPDX-License-Identifier: MIT
 *
 * What libvirt's daemon reports about its guests, whose QMP sockets it holds:
 * their disks and their balloon drivers' statistics, of all guests in one call.
 *
 * A call to that daemon may take any time, and nothing can end it. So a thread
 * of its own makes the calls. The caller never waits longer than he chooses,
 * and finds the values absent when they are not fresh. A call that does not
 * return, because the daemon or one guest's QEMU hangs, is abandoned to its
 * thread; another thread with another connection asks again, and passes over
 * the guests that are busy.
 */
#ifndef VR_HOST_QMP_LIBVIRT_H
#define VR_HOST_QMP_LIBVIRT_H

#include "host/qmp/qmp_report.h"

struct vr_libvirt_options {
  const char *library;     /* "libvirt.so.0" */
  const char *uri;         /* "qemu:///system" */
  bool balloon;            /* read, and switch on, the balloons' statistics */
  unsigned balloon_period; /* seconds between a guest's reports, at least 1,
                              where nobody has chosen them */
};

struct vr_libvirt;

/* Copies the options. Returns 0 (libvirt may still be absent, or silent),
 * -ENOTSUP when this was built without libvirt's headers, or another negative
 * errno. */
int vr_libvirt_new(const struct vr_libvirt_options *options,
                   struct vr_libvirt **ret);

/* Waits at most a second for calls that are under way; one that hangs frees
 * what it holds when it comes back. */
void vr_libvirt_free(struct vr_libvirt *l);

/* Asks this interval's question, if the last one was answered. */
void vr_libvirt_ask(struct vr_libvirt *l);

/* Waits for the answer, at most MS milliseconds. Returns whether it is there.
 * A daemon that was late last time is not waited for. */
bool vr_libvirt_await(struct vr_libvirt *l, int ms);

/* What was answered of the guest with this NAME and UUID, as long as it is
 * fresh (of this or the last interval). */
void vr_libvirt_sample(struct vr_libvirt *l, const char *name, const char *uuid,
                       struct vr_qmp_report *ret);

/* Threads that wait for libvirt now, for tests. */
unsigned vr_libvirt_threads(struct vr_libvirt *l);

#endif
