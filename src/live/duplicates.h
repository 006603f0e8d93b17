/* SPDX-License-Identifier: MIT
 *
 * Guests of one name: the same guest on another host after a migration, or two
 * that merely have one name. Inside the reconstructor; the lock of the shard is
 * held by the caller, for writing unless said otherwise.
 *
 * Series that name a guest without its host (%{guest}/virt/...) belong to the
 * guest of that name whose host is known from other series: the one on the
 * owning host. Where there is none, the guest is its own host. Where two hosts
 * have had a guest of the name side by side for ten minutes, it is not known
 * whose these series are: then again the guest is its own host, and the log
 * reports it.
 *
 * Native names (GUEST.inferred) hold no host: they belong to one guest of the
 * name, the one on the owning host where there is one, else the one that has
 * had them.
 */
#ifndef VR_LIVE_DUPLICATES_H
#define VR_LIVE_DUPLICATES_H

#include "basic/log.h"
#include "live/guest_state.h"

struct vr_duplicates {
  char *name;
  struct vr_live_guest *first; /* a list through next_duplicate */
  struct vr_live_guest *owner; /* on the owning host; NULL: not known */
  struct vr_live_guest *named; /* to whom the native names belong */
  struct vr_complaint ambiguous;
  UT_hash_handle hh;
};

/* Adds G to the list of its name, and takes it out. add returns 0 or -ENOMEM.
 */
int vr_live_duplicates_add(struct vr_duplicates **table,
                           struct vr_live_guest *g);
void vr_live_duplicates_remove(struct vr_duplicates **table,
                               struct vr_live_guest *g);

/* The guest to which series without a host that name NAME belong; NULL: to none
 * of those whose host is known. The lock may be held for reading. */
struct vr_live_guest *vr_live_duplicates_owner(struct vr_duplicates *table,
                                               const char *name);

/* Finds the owning host of the name anew, as of NOW. */
void vr_live_duplicates_find_owner(struct vr_duplicates *n, vr_time now,
                                   unsigned allowed_lateness);

#endif
