/* SPDX-License-Identifier: MIT
 *
 * Finding VM processes without looking at every process again and again.
 *
 * The kernel gives out process numbers in ascending order, and says the newest
 * in loadavg: as long as that did not go down, only numbers beyond those known
 * are listed; when it did not change, none. A process is looked at when its
 * number appears and a few more times while it is young, because a program is
 * forked before it is executed. Older ones take turns, a few an interval, for
 * the rare one that executes a monitor late. On any tree that is not this
 * machine's own /proc, and from time to time, everything is listed.
 */
#ifndef VR_HOST_DISCOVER_H
#define VR_HOST_DISCOVER_H

#include "host/procfile.h"

#include <sys/types.h>

struct vr_discover;

/* What the caller made of a process. */
enum vr_discovered {
  VR_IS_GUEST,   /* it is read from now on: not to be looked at again */
  VR_IS_OTHER,   /* no virtual machine, yet */
  VR_IS_REFUSED, /* not to be looked at again */
};
typedef enum vr_discovered (*vr_discover_fn)(void *ctx, pid_t pid);

int vr_discover_new(int procfd, struct vr_discover **ret);
void vr_discover_free(struct vr_discover *d, struct vr_fd_budget *budget);

/* Looks for new processes and shows them to FN. Returns 0 or a negative errno.
 */
int vr_discover_scan(struct vr_discover *d, struct vr_fd_budget *budget,
                     vr_discover_fn fn, void *ctx);

/* The guest PID has gone: its number is new when it is seen again. */
void vr_discover_forget(struct vr_discover *d, pid_t pid);

#endif
