/* SPDX-License-Identifier: MIT
 *
 * Guests of one name: the same guest seen on another host after a migration, or
 * two that merely have one name. Inside the reconstructor; the lock of the
 * shard is held by the caller, for writing unless said otherwise.
 *
 * Series that name a guest without its host (%{guest}/virt/...) belong to the
 * guest of that name whose host others tell: its home. Without such a one the
 * guest is its own host. Where two hosts have had a guest of the name side by
 * side for ten minutes, nobody can tell whose they are: then again the guest is
 * its own host, and the log says so.
 *
 * Native names (GUEST.inferred) hold no host: they are those of one guest of
 * the name, its home where there is one, else the one that has had them.
 *
 * A guest that has begun to speak not earlier than ten minutes before its
 * namesake elsewhere fell silent is that guest, migrated: it goes on from the
 * namesake's state.
 */
#ifndef VR_LIVE_DUPLICATES_H
#define VR_LIVE_DUPLICATES_H

#include "basic/log.h"
#include "live/guest.h"

struct vr_duplicates {
  char *name;
  struct vr_live_guest *first; /* a list through vr_guest.namesake */
  struct vr_live_guest *home;  /* NULL: none, or more than one */
  struct vr_live_guest *named; /* whose the native names are */
  struct vr_complaint ambiguous;
  UT_hash_handle hh;
};

/* Adds G to the list of its name, and takes it out. add returns 0 or -ENOMEM.
 */
int vr_live_duplicates_add(struct vr_duplicates **table,
                           struct vr_live_guest *g);
void vr_live_duplicates_remove(struct vr_duplicates **table,
                               struct vr_live_guest *g);

/* Where series without a host that name NAME belong; NULL: nowhere else. The
 * lock may be held for reading. */
struct vr_live_guest *vr_live_duplicates_owner(struct vr_duplicates *table,
                                               const char *name);

/* To be called now and then: finds out who has migrated where. */
void vr_live_duplicates_settle(struct vr_duplicates *table,
                               struct vr_live_context *context);

#endif
