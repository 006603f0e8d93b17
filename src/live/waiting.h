/* SPDX-License-Identifier: MIT
 *
 * Saved state of guests that have not appeared yet. From any thread.
 */
#ifndef VR_LIVE_WAITING_H
#define VR_LIVE_WAITING_H

#include "live/memory.h"

struct vr_waiting {
  pthread_mutex_t lock; /* takes no other lock while held */
  struct vr_saved_guest *guests;
};

void vr_live_waiting_init(struct vr_waiting *w);
void vr_live_waiting_clear(struct vr_waiting *w);

/* Adds SAVED, which is owned by W from now on. What is there already of the
 * same guest stays, and SAVED is freed. */
void vr_live_waiting_add(struct vr_waiting *w, struct vr_saved_guest *saved);

/* Moves all of FROM, which nobody else uses now, to TO; of a guest that both
 * have, that of TO stays. */
void vr_live_waiting_merge(struct vr_waiting *to, struct vr_waiting *from);

/* Takes out what was saved for the guest of this key; NULL if nothing was. */
struct vr_saved_guest *vr_live_waiting_take(struct vr_waiting *w,
                                            const char *key, size_t length);

/* Drops all. Returns of how many guests. */
size_t vr_live_waiting_drop(struct vr_waiting *w);

#endif
