/* SPDX-License-Identifier: MIT
 *
 * What libvirt's daemon says about its guests, whose monitors it holds: their
 * disks and their balloon drivers' statistics, of all guests in one call.
 *
 * A call to that daemon waits for as long as the daemon likes, and nothing can
 * end it. So a thread of its own makes the calls; whoever asks never waits
 * longer than he says, and finds the values absent when they are not fresh. A
 * call that does not come back, because the daemon or one guest's QEMU stands
 * still, is left to its thread, and another thread with another connection
 * asks again: it passes over the guests that are busy.
 *
 * libvirt is looked for when it is needed first (dlopen): one binary serves
 * machines with and without it, and there is no link to a library of its size
 * in daemons that have no guest of libvirt's.
 */
#ifndef VR_HOST_QMP_LIBVIRT_H
#define VR_HOST_QMP_LIBVIRT_H

#include "host/sample.h"

struct vr_libvirt_options {
  const char *library;     /* "libvirt.so.0" */
  const char *uri;         /* "qemu:///system" */
  bool balloon;            /* read, and switch on, the balloons' statistics */
  unsigned balloon_period; /* seconds between a guest's reports, at least 1 */
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

/* Fills the block and balloon parts of the guest VM's sample, which are known
 * only as long as answers are fresh (of this or the last interval). */
void vr_libvirt_sample(struct vr_libvirt *l, const struct vr_vm *vm,
                       struct vr_vmproc_sample *s);

/* Threads that wait for libvirt now, for tests. */
unsigned vr_libvirt_threads(struct vr_libvirt *l);

#endif
