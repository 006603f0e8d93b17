/* SPDX-License-Identifier: MIT
 *
 * Which processes have executed another program: the kernel's process events
 * connector (netlink). It answers only in the initial namespaces, and only who
 * has CAP_NET_ADMIN. Nobody who does without it misses a new process, only that
 * an old one has become another program.
 */
#ifndef VR_HOST_PROC_EXECS_H
#define VR_HOST_PROC_EXECS_H

#include <sys/types.h>

struct vr_execs;

/* Subscribes to them. ROOM is how many bytes of events the kernel may hold; 0:
 * as many as are right for a long interval. Returns 0, or a negative errno
 * where the kernel does not answer. */
int vr_execs_new(int room, struct vr_execs **ret);
void vr_execs_free(struct vr_execs *e);

typedef void (*vr_execs_fn)(void *ctx, pid_t pid);

/* Calls FN for each process that has executed a program since the last call, in
 * that order; never waits. Returns 0, or -ENOBUFS when the kernel had to leave
 * some out. */
int vr_execs_take(struct vr_execs *e, vr_execs_fn fn, void *ctx);

#endif
