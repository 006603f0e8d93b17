/* SPDX-License-Identifier: MIT
 *
 * Does a process still run, and is it the one that was meant? Its number may
 * have passed to another one: a pidfd cannot, and where none may be kept open,
 * the time when the process started distinguishes the two.
 */
#ifndef VR_INTROSPECT_ALIVE_H
#define VR_INTROSPECT_ALIVE_H

#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vr_alive {
  pid_t pid;
  uint64_t start;              /* field 22 of its stat */
  int pidfd;                   /* -1: none is kept */
  struct vr_fd_budget *budget; /* that the pidfd counts in; NULL: none */
};

/* Process PID, if START (0: not known) is when it started. Returns 0, -ESRCH
 * when it is gone or another one, or another negative errno. */
int vr_alive_open(pid_t pid, uint64_t start, struct vr_fd_budget *budget,
                  struct vr_alive *ret);
void vr_alive_close(struct vr_alive *a);

bool vr_alive(const struct vr_alive *a);

#endif
