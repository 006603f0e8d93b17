/* SPDX-License-Identifier: MIT
 *
 * Introspection of all guests of a machine: one object for each VM process that
 * is allowed, one thread that searches their kernels one after the other, and
 * one line in the log when what can be told of a guest changes.
 */
#ifndef VR_INTROSPECT_WATCH_H
#define VR_INTROSPECT_WATCH_H

#include "host/series.h"
#include "introspect/introspect.h"

#include <stdbool.h>

struct vr_watch;

/* Starts the thread. Returns 0 or a negative errno. */
int vr_watch_new(struct vr_watch **ret);

/* Ends the thread, after the search that it is in, and forgets all guests. */
void vr_watch_free(struct vr_watch *w);

/* The guest of VM process PID is to be introspected in this round; NAME is for
 * messages, MEMORY its size in bytes or 0. Calls FN for every series that is
 * known now. Returns what vr_introspect_read() returned: 0 when there was
 * something to tell. */
int vr_watch_guest(struct vr_watch *w, pid_t pid, const char *name,
                   uint64_t memory, vr_series_fn fn, void *ctx);

/* Ends a round: guests that were not named in it are forgotten. */
void vr_watch_end_round(struct vr_watch *w);

#endif
