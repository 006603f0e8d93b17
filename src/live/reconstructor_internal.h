/* SPDX-License-Identifier: MIT
 *
 * The reconstructor's own parts, for its source files.
 *
 * Locks, in the order in which they may be taken: catalog_lock (read while a
 * value list is handled), a shard's lock, a guest's lock, and below that any of
 * the hosts' and saved_lock, which take no other.
 */
#ifndef VR_LIVE_RECONSTRUCTOR_INTERNAL_H
#define VR_LIVE_RECONSTRUCTOR_INTERNAL_H

#include "basic/log.h"
#include "live/duplicates.h"
#include "live/guest.h"

enum {
  VR_SHARDS = 64,
  /* So many times forget_after is waited for the guest of a saved state. */
  VR_SAVED_LIFE = 12,
  /* Sweeps after which it is said what of the saved state was of no use: by
   * then most guests have come. */
  VR_SAVED_REPORT = 12,
};

/* Guests of one name are in one shard. */
struct vr_shard {
  pthread_rwlock_t lock;
  struct vr_live_guest *guests;
  struct vr_duplicates *namesakes;
};

struct vr_live {
  struct vr_live_context context;
  pthread_rwlock_t catalog_lock;
  struct vr_catalog *catalog;
  struct vr_shard shards[VR_SHARDS];
  atomic_size_t n_guests;
  struct vr_complaint too_many, cannot_save, cannot_name;
  pthread_mutex_t saved_lock;
  struct vr_saved_guest *saved; /* state of guests that have not appeared */
  atomic_size_t saved_changed;  /* of its runs: of models that are not there */
  atomic_uint sweeps;           /* since it was read */
};

void vr_live_saved_guests_free(struct vr_live *r);

#endif
