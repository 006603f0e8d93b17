/* SPDX-License-Identifier: MIT
 *
 * What an interval asks of QEMU and libvirt: questions go out, the files are
 * read, answers are taken; one wait for all of them together.
 */
#ifndef VR_HOST_QUESTIONS_H
#define VR_HOST_QUESTIONS_H

#include "host/qmp/libvirt.h"
#include "host/vm_list.h"

#include <poll.h>

struct vr_questions_options {
  bool qmp;     /* ask QMP sockets that are free */
  bool libvirt; /* ask libvirt about the guests whose QMP sockets it holds */
  struct vr_libvirt_options about_libvirt;
  const char *proc_path;
  double interval;  /* seconds between readings */
  unsigned wait_ms; /* longest wait for all answers together */
};

struct vr_questions {
  struct vr_questions_options options;
  struct vr_libvirt *libvirt; /* NULL: no guest of its, or not wanted */
  struct pollfd *polls;       /* room for one a guest */
  size_t polls_capacity;
  struct vr_complaint no_queues; /* QEMUs do not report requests in flight */
  struct vr_complaint crowded; /* QMP sockets are left out for want of files */
};

/* Sends the questions of this interval. */
void vr_questions_ask(struct vr_questions *q, const struct vr_vm_list *guests);

/* Opens the QMP sockets of guests that are new, or free now. */
void vr_questions_connect(struct vr_questions *q, struct vr_vm_list *guests,
                          struct vr_tree *t, struct vr_complaint *denied);

/* Waits for the answers and takes what has come into the samples. */
void vr_questions_await(struct vr_questions *q,
                        const struct vr_vm_list *guests);

/* Between two readings: asks the guests' balloons alone, and takes their page
 * faults into the samples. Only of QMP sockets: a call of libvirt's is for all
 * of its guests and dear. */
void vr_questions_between(struct vr_questions *q,
                          const struct vr_vm_list *guests);

void vr_questions_free(struct vr_questions *q);

#endif
