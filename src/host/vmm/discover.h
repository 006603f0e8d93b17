/* SPDX-License-Identifier: MIT
 *
 * Finding VM processes without probing every process again and again.
 *
 * The kernel gives out process numbers in ascending order, and has the newest
 * in loadavg: as long as that did not go down, only numbers beyond those known
 * are listed; when it did not change, none. A process is probed when its number
 * appears. It may execute a VMM only later: where the kernel reports who
 * executes what (execs.h), just those are probed again. Where it does not,
 * young processes are probed again and again, and older ones take turns. On any
 * tree that is not this machine's own /proc everything is listed.
 */
#ifndef VR_HOST_VMM_DISCOVER_H
#define VR_HOST_VMM_DISCOVER_H

#include <stdbool.h>
#include <sys/types.h>

struct vr_discover;

struct vr_discover_options {
  bool no_execs;  /* as if the kernel reported none */
  int execs_room; /* as vr_execs_new() takes it */
  bool by_title;  /* a process may become a guest by another title alone: old
                     ones take turns in any case */
};

/* What the caller made of a process. */
enum vr_discovered {
  VR_IS_GUEST,   /* it is read from now on: not to be probed again */
  VR_IS_OTHER,   /* no virtual machine, yet */
  VR_IS_EARLY,   /* too young to decide: to be probed in the next scan */
  VR_IS_COPY,    /* looks like its parent, which is a guest: not to be probed
                    again until it executes another program or a guest ends */
  VR_IS_REFUSED, /* not to be probed again unless it executes something */
  VR_IS_GONE,
};
typedef enum vr_discovered (*vr_discover_fn)(void *ctx, pid_t pid);

int vr_discover_new(int procfd, const struct vr_discover_options *options,
                    struct vr_discover **ret);
void vr_discover_free(struct vr_discover *d);

/* Searches new processes and shows them to FN. NEWEST is the number in
 * loadavg. Returns 0 or a negative errno. */
int vr_discover_scan(struct vr_discover *d, pid_t newest, vr_discover_fn fn,
                     void *ctx);

/* The guest PID has gone: its number is new when it is seen again. */
void vr_discover_forget(struct vr_discover *d, pid_t pid);

/* PID turned out to be only a copy of its parent. */
void vr_discover_is_copy(struct vr_discover *d, pid_t pid);

/* A guest has ended: its copies are to be probed again. */
void vr_discover_recall_copies(struct vr_discover *d);

/* Process PID is to be probed again in the next scan, if there is one. */
void vr_discover_suspect(struct vr_discover *d, pid_t pid);

/* Whether the kernel reports who executes what. */
bool vr_discover_sees_execs(const struct vr_discover *d);

#endif
