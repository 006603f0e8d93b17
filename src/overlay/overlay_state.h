/* SPDX-License-Identifier: MIT
 *
 * The state file, as JSON.
 * Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_STATE_H
#define VR_OVERLAY_OVERLAY_STATE_H

#include "overlay/overlay_internal.h"

/* The state as JSON; NULL: out of memory. */
char *vr_overlay_state_format(const struct vr_overlay *o);

/* Takes in the addresses and the generation of a state file's text. Returns 0
 * or -EINVAL: it is none. */
int vr_overlay_state_parse(struct vr_overlay *o, const char *text);

#endif
