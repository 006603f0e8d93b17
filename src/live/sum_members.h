/* SPDX-License-Identifier: MIT
 *
 * The members of a pattern such as %{guest}/virt/if_octets-vnet*: series that
 * come and go and are read as one, their sum. Each of them is a counter of its
 * own, so that no sum jumps with a member that comes or goes. A member that is
 * not there is nothing; one that is late, or has a gap, makes the sum unknown.
 *
 * A member has ended when another has gone on for so long that what has not
 * come of it would be a gap (2.5 intervals), or when one that was not there
 * before its last sample has come twice: libvirt numbers an interface anew. Of
 * the time between the two the sum is not known.
 *
 * All functions serve a series that is no list, too.
 */
#ifndef VR_LIVE_SUM_MEMBERS_H
#define VR_LIVE_SUM_MEMBERS_H

#include "live/guest_state.h"

/* So many members a list has at most, whoever sends them. */
enum { VR_MEMBERS = 128 };

/* The member INSTANCE of the list S; a new one has no samples, FORM, and room
 * for as many as S has. Returns 0, -ENOSPC where there are VR_MEMBERS, or
 * -ENOMEM. Allocates nothing for one that is there. */
int vr_live_members_enter(struct vr_live_series *s, const char *instance,
                          const struct vr_signal_form *form,
                          struct vr_live_series **ret_member);

/* A sample of TIME is about to be added to the member M: it begins with that,
 * where it has none, or has ended before. */
void vr_live_members_begin(struct vr_live_series *m, vr_time time);

/* Drops those that have no sample later than OLDEST. Has S none any more? */
bool vr_live_members_drop(struct vr_live_series *s, vr_time oldest);

/* Drops all samples. */
void vr_live_members_empty(struct vr_live_series *s);

/* Frees all but S itself. */
void vr_live_members_clear(struct vr_live_series *s);

/* The longest interval; 0 where there is no sample. */
vr_time vr_live_members_interval(const struct vr_live_series *s);

/* As the functions of a series: makes room in each; have all arrived that can
 * be expected; the mean of the sum; and the time of the first sample later than
 * END, LIMIT if that is earlier. */
int vr_live_members_reserve(struct vr_live_series *s, unsigned capacity);
bool vr_live_members_cover(const struct vr_live_series *s, vr_time begin,
                           vr_time end);
double vr_live_members_mean(const struct vr_live_series *s, vr_time begin,
                            vr_time end);
vr_time vr_live_members_first_after(const struct vr_live_series *s, vr_time end,
                                    vr_time limit);

#endif
