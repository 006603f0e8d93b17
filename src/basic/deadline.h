/* SPDX-License-Identifier: MIT
 *
 * Calls that may never return: to a file system whose server is dead, to the
 * memory of a process whose pages somebody else provides. Each runs in a thread
 * of its own, which is left behind when it takes too long; its end is the
 * process's end at the latest.
 */
#ifndef VR_BASIC_DEADLINE_H
#define VR_BASIC_DEADLINE_H

#include <stdbool.h>

/* One that was left behind, or NULL. */
struct vr_deadline_call;

/* How many may be left behind in all; where there are as many, none is begun.
 */
enum { VR_DEADLINE_LEFT_MAX = 8 };

/* Calls FN(CTX) and waits MS milliseconds at most. Returns 0, and what FN
 * returned in *RET_RESULT; -ETIMEDOUT when it has not returned: CTX is in use
 * until it has, and *CALL holds on to it; -EBUSY when the one that *CALL holds
 * on to has not returned yet, or too many have not: FN was not called. *CALL is
 * NULL at first. Another negative errno where there is no thread. */
int vr_deadline_run(struct vr_deadline_call **call, int (*fn)(void *ctx),
                    void *ctx, unsigned ms, int *ret_result);

/* Whether the one that *CALL holds on to has not returned yet. One that has is
 * released, and CTX is the caller's again. */
bool vr_deadline_hangs(struct vr_deadline_call **call);

/* Gives up the one that *CALL holds on to, if any: RELEASE(CTX) is called
 * when it returns, or at once if it has returned. Without one it is called at
 * once, with CTX. */
void vr_deadline_leave(struct vr_deadline_call **call,
                       void (*release)(void *ctx), void *ctx);

#endif
