/* SPDX-License-Identifier: MIT
 *
 * The rate groups of a guest: finding one by its step, their inputs, and their
 * end.
 */
#ifndef VR_LIVE_RATE_GROUP_H
#define VR_LIVE_RATE_GROUP_H

#include "live/guest_state.h"

/* The group of STEP among the N GROUPS; NULL if there is none. */
struct vr_rate_group *vr_live_group_find(struct vr_rate_group *groups, size_t n,
                                         vr_time step);

/* Place of SIGNAL among the group's inputs, where it is added if it is new. Or
 * -ENOMEM. */
int vr_live_group_input(struct vr_rate_group *group,
                        const struct vr_live_guest *g, uint32_t signal);

/* The same for a signal that a model runs on. */
int vr_live_group_needs(struct vr_rate_group *group,
                        const struct vr_live_guest *g, uint32_t signal);

/* The model that is published for counter C, and its group unless RET_GROUP is
 * NULL; or NULL. */
const struct vr_active *
vr_live_group_published(const struct vr_live_guest *g, int c,
                        const struct vr_rate_group **ret_group);

/* An unused entry at the end of the group's models, which counts when n_active
 * is increased; NULL when out of memory. */
struct vr_active *vr_live_group_reserve_active(struct vr_rate_group *group);

/* How long after a tick's end its late values are waited for. */
vr_time vr_live_group_lateness(const struct vr_live_context *context,
                               const struct vr_rate_group *group);

/* Ends all runs of N groups, and frees them. */
void vr_live_groups_free(struct vr_live_context *context,
                         struct vr_rate_group *groups, size_t n);

/* The same for those of a guest. */
void vr_live_groups_clear(struct vr_live_guest *g,
                          struct vr_live_context *context);

#endif
