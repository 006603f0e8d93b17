/* SPDX-License-Identifier: MIT
 *
 * Where guests come from: collectd's socket, or this machine's /proc.
 */
#ifndef VR_TOP_TOP_SOURCE_H
#define VR_TOP_TOP_SOURCE_H

#include "top_guests.h"
#include "top_machine.h"

#include "basic/error.h"

struct vr_top_source {
  struct vr_top_daemon *daemon;   /* either this */
  struct vr_top_machine *machine; /* or that */
  char name[128];                 /* for the first line */
};

enum vr_top_source_kind {
  VR_TOP_EITHER, /* the socket, or /proc where nobody listens there */
  VR_TOP_SOCKET,
  VR_TOP_PROC
};

/* SOCKET must outlive it. Returns 0, or a negative errno and why. */
int vr_top_source_open(struct vr_top_source *s, enum vr_top_source_kind kind,
                       const char *socket,
                       const struct vr_top_machine_options *machine, double now,
                       struct vr_error *ret_error);
void vr_top_source_close(struct vr_top_source *s);

/* New values are wanted now; /proc is read every DELAY seconds anyway. */
void vr_top_source_refresh(struct vr_top_source *s, double now, double delay,
                           const struct vr_top_guests *guests);

/* See top_daemon.h and top_machine.h. *RET_MS is how long to wait at most; it
 * is left as it is where that does not matter. */
struct pollfd vr_top_source_poll(const struct vr_top_source *s, int *ret_ms);
bool vr_top_source_work(struct vr_top_source *s, double now,
                        struct vr_top_guests *guests);
const char *vr_top_source_trouble(const struct vr_top_source *s);

#endif
