/* SPDX-License-Identifier: MIT
 *
 * Models of guests that are not there: a name that is wrong shows nowhere else.
 */
#ifndef VR_LIVE_ABSENT_H
#define VR_LIVE_ABSENT_H

#include "live/catalog.h"
#include "live/guest_table.h"

/* Logs in one line for how many guests that C's models name nothing was
 * received, and the first of them. C must be held. */
void vr_live_absent_report(const struct vr_catalog *c,
                           struct vr_guest_table *t);

#endif
