/* SPDX-License-Identifier: MIT
 *
 * Introspection of all guests of a machine: one object for each VM process that
 * is allowed, one thread that searches their kernels one after the other, and
 * one line in the log when it changes whether a guest can be read.
 *
 * The thread takes the guest whose turn has come for longest, and rests as long
 * as each search took: however many guests make their searches dear, each one's
 * turn comes, and all together get half of one CPU.
 */
#ifndef VR_INTROSPECT_INTROSPECT_WATCH_H
#define VR_INTROSPECT_INTROSPECT_WATCH_H

#include "host/emit.h"
#include "introspect/introspect.h"

#include <stdbool.h>

struct vr_watch;

/* Starts the thread. BUDGET is what descriptors that are kept open count in,
 * and must outlive it; NULL: there is no limit. It is touched by who calls
 * these functions, never by the thread. Returns 0 or a negative errno. */
int vr_introspect_watch_new(struct vr_fd_budget *budget, struct vr_watch **ret);

/* Ends the thread, after the search that it is in, and forgets all guests. */
void vr_introspect_watch_free(struct vr_watch *w);

/* The guest of this VM process is to be introspected in this round; NAME is for
 * messages. Calls FN for every series that is known now. Returns what
 * vr_introspect_read() returned: 0 when there were values. */
int vr_introspect_watch_guest(struct vr_watch *w,
                              const struct vr_introspect_process *process,
                              const char *name, vr_emit_fn fn, void *ctx);

/* Ends a round: guests that were not named in it are forgotten. */
void vr_introspect_watch_end_round(struct vr_watch *w);

#endif
