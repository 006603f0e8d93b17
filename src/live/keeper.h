/* SPDX-License-Identifier: MIT
 *
 * Keeps the state of a reconstructor in its file, on a disk that may not answer
 * (a dead file server): that is waited for for a moment, reported once, and
 * then stays in a thread of its own. One caller at a time.
 */
#ifndef VR_LIVE_KEEPER_H
#define VR_LIVE_KEEPER_H

#include "live/reconstructor.h"

struct vr_live_keeper;

/* Keeps the state of R in the state file PATH; NULL: nowhere. NULL without
 * memory. */
struct vr_live_keeper *vr_live_keeper_new(struct vr_live *r, const char *path);

/* Makes the directory of the file, where only that one is missing, and reads
 * the state: vr_live_restore(). What comes late is used for the guests that
 * appear after that; nothing is saved over it before. */
void vr_live_keeper_restore(struct vr_live_keeper *k);

/* vr_live_save(), unless what was begun earlier has not returned. */
void vr_live_keeper_save(struct vr_live_keeper *k);

/* Saves a last time, for as long as the disk takes something a second, and
 * frees K and its reconstructor; where the disk does not answer, only when it
 * does. */
void vr_live_keeper_end(struct vr_live_keeper *k);

#endif
