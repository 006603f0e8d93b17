/* SPDX-License-Identifier: MIT
 *
 * Why a counter of a guest is not published, and what its operator can do.
 */
#ifndef VR_LIVE_REASON_H
#define VR_LIVE_REASON_H

#include "basic/text.h"
#include "live/guest_state.h"

enum { VR_REASON_SIZE = 256 };

/* Writes why counter C, of which nothing is published, is not: what is missing
 * for what would be used first, and the action that helps. */
void vr_live_reason(const struct vr_live_guest *g, enum vr_counter c,
                    char ret[VR_REASON_SIZE]);

#endif
