/* SPDX-License-Identifier: MIT
 *
 * The past inputs of a rate group, so that a model that comes later, or a run
 * that was saved, can be brought up to now.
 */
#ifndef VR_LIVE_INPUT_HISTORY_H
#define VR_LIVE_INPUT_HISTORY_H

#include "live/guest_state.h"

/* Is there memory for one more history? */
bool vr_live_history_has_room(struct vr_live_context *context);

/* A history of VR_HISTORY_TICKS unknown values; NULL where the memory for
 * histories is used up. */
double *vr_live_history_new(struct vr_live_context *context);
void vr_live_history_free(struct vr_live_context *context, double *history);

/* Keeps the inputs of the tick that was just read. */
void vr_live_history_add(struct vr_rate_group *group);

/* The first tick from FIRST on at which all inputs of A are in the history, or
 * the next tick that comes. */
int64_t vr_live_history_first_known(const struct vr_rate_group *group,
                                    const struct vr_active *a, int64_t first);

/* Lets the run of A pass over the inputs from tick FIRST on that are in the
 * history. */
void vr_live_history_replay(const struct vr_live_guest *g,
                            const struct vr_rate_group *group,
                            struct vr_active *a, int64_t first);

#endif
