/* SPDX-License-Identifier: MIT
 *
 * The processes that are known, by number: a sorted list in which nearly all
 * that is added has the highest number.
 */
#ifndef VR_HOST_VMM_PIDLIST_H
#define VR_HOST_VMM_PIDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum vr_pidlist_kind {
  VR_PID_OTHER,
  VR_PID_GUEST,
  VR_PID_COPY,
  VR_PID_REFUSED
};

struct vr_pidlist_entry {
  pid_t pid;
  unsigned char kind;
  bool pending; /* it is in the queue of those to be probed */
};

/* All zero: empty. */
struct vr_pidlist {
  struct vr_pidlist_entry *v;
  size_t count, capacity;
};

/* Adds at the end; to be sorted before anything is searched in it. Returns 0 or
 * -ENOMEM. */
int vr_pidlist_append(struct vr_pidlist *l, pid_t pid);
void vr_pidlist_sort(struct vr_pidlist *l);

/* Adds at its place. Returns 0 or -ENOMEM. */
int vr_pidlist_insert(struct vr_pidlist *l, pid_t pid);

/* The entry of this number, or NULL. */
struct vr_pidlist_entry *vr_pidlist_find(const struct vr_pidlist *l, pid_t pid);

#endif
