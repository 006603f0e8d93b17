/* SPDX-License-Identifier: MIT
 *
 * The hosts of the overlay, as the configuration names them: the end of each
 * one's tunnels, and the user as whom its collectd signs. Nothing of this is
 * ever taken from the network.
 */
#ifndef VR_OVERLAY_MEMBERS_H
#define VR_OVERLAY_MEMBERS_H

#include "overlay/address.h"
#include "overlay/announcement.h"

struct vr_member {
  char name[VR_ANNOUNCEMENT_NAME]; /* collectd's Hostname there */
  char user[VR_ANNOUNCEMENT_NAME];
  struct vr_address vtep;
};

/* All zero: empty. */
struct vr_members {
  size_t n, capacity;
  struct vr_member *list;
  size_t n_centrals, centrals_capacity;
  char (*centrals)[VR_ANNOUNCEMENT_NAME]; /* users who may relay */
};

void vr_members_clear(struct vr_members *m);

/* Return 0 or a negative errno: -EEXIST, it is there already. */
int vr_members_add(struct vr_members *m, const struct vr_member *member);
int vr_members_add_central(struct vr_members *m, const char *user);

const struct vr_member *vr_members_find(const struct vr_members *m,
                                        const char *name);

/* Whose end of tunnels ADDRESS is, or NULL. */
const struct vr_member *vr_members_at(const struct vr_members *m,
                                      const struct vr_address *address);

/* Whether what USER has signed may be about HOST. */
bool vr_members_may_say(const struct vr_members *m, const char *user,
                        const struct vr_member *host);

#endif
