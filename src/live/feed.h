/* SPDX-License-Identifier: MIT
 *
 * Value lists on their way to the guests and hosts that they are about.
 */
#ifndef VR_LIVE_FEED_H
#define VR_LIVE_FEED_H

#include "signal/identifier.h"
#include "signal/resample.h"

#include <stdbool.h>
#include <stddef.h>

/* Values that come more often or less often than this are not used. */
#define VR_SHORTEST_INTERVAL (VR_SECOND / 1000)
#define VR_LONGEST_INTERVAL (7 * 86400 * VR_SECOND)

/* Are TIME and INTERVAL such that sums of some of them stay within what time
 * can be? Whoever may send values may state any. */
bool vr_live_is_sane(vr_time time, vr_time interval);

struct vr_guest_table;
struct vr_catalog;
struct vr_wanted;

/* Adds what CATALOG wants, WANTED, of a value list with N values to the guests
 * and hosts, and lets the guests advance. Returns 1 if something is wanted, 0
 * if not, or -ENOMEM. */
int vr_live_feed_list(struct vr_guest_table *t, struct vr_catalog *catalog,
                      const struct vr_wanted *wanted,
                      const struct vr_identifier *id, vr_time time,
                      vr_time interval, const struct vr_value *values,
                      size_t n);

#endif
