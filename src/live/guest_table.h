/* SPDX-License-Identifier: MIT
 *
 * All guests of a reconstructor, found by host and name, in shards with a lock
 * each.
 *
 * Locks, in the order in which they may be taken: the catalog's (read while a
 * value list is handled), a shard's, a guest's, and below that any of the
 * hosts' and that of the waiting state, which take no other.
 */
#ifndef VR_LIVE_GUEST_TABLE_H
#define VR_LIVE_GUEST_TABLE_H

#include "basic/log.h"
#include "live/duplicates.h"
#include "live/guest_state.h"
#include "live/waiting.h"

enum { VR_SHARDS = 64 };

/* Guests of one name are in one shard. */
struct vr_shard {
  pthread_rwlock_t lock;
  struct vr_live_guest *guests;
  struct vr_duplicates *duplicates;
};

struct vr_guest_table {
  struct vr_live_context *context;
  struct vr_shard shards[VR_SHARDS];
  atomic_size_t n_guests;
  struct vr_complaint too_many, too_many_on_host;
  struct vr_waiting waiting; /* state of guests that have not appeared */
};

void vr_live_table_init(struct vr_guest_table *t,
                        struct vr_live_context *context);
void vr_live_table_clear(struct vr_guest_table *t);

/* Finds the guest NAME and locks it; made with CATALOG if it is not known. HOST
 * is NULL for a series that does not name it: that is the guest on the owning
 * host, else one that is its own host. Where there are too many guests, one
 * that never had a published value gives way. Returns 0 and *ret_guest; -EINVAL
 * (a name too long), -ENOSPC (too many guests), -ENOMEM. */
int vr_live_table_lock(struct vr_guest_table *t, const char *host,
                       const char *name, struct vr_catalog *catalog,
                       struct vr_live_guest **ret_guest);

/* The same for a guest that is known; NULL if it is not. */
struct vr_live_guest *vr_live_table_lock_known(struct vr_guest_table *t,
                                               const char *host,
                                               const char *name);

/* Calls FN with each guest that is there now and still is when its turn comes,
 * locked; the shard is not. Until FN returns non-zero: returns that, or 0, or
 * -ENOMEM. */
int vr_live_shard_each(struct vr_shard *shard,
                       int (*fn)(void *user, struct vr_live_guest *g),
                       void *user);

/* One sweep: forgets guests of which no value was received in
 * options.forget_after sweeps, and settles duplicate names. Returns how many
 * guests are known. */
size_t vr_live_table_sweep(struct vr_guest_table *t);

#endif
