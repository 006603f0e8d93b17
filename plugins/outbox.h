/* SPDX-License-Identifier: MIT
 *
 * Value lists on their way into collectd. Its write threads take them from one
 * queue and overtake each other: of two ticks of one series the newer may
 * reach the daemon's cache or a write plugin first, and the older is then
 * dropped ("Value too old"). So a series has one value on its way at most: the
 * next one waits here until the one before is written.
 */
#ifndef VR_PLUGINS_OUTBOX_H
#define VR_PLUGINS_OUTBOX_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* Starts the thread that sends what has waited. Returns 0 or a negative errno.
 */
int vr_outbox_begin(void);

/* Ends it; what waits is dropped. No other thread may use the outbox any more.
 */
void vr_outbox_end(void);

/* Dispatches VL, now or when the value of its series before it is written. VL
 * and its values stay the caller's. */
void vr_outbox_send(const value_list_t *vl);

/* The same for a value between two others, without which the series is coarser:
 * it is left out where several of the series wait, as on a starved machine, so
 * that they do not become more and more. */
void vr_outbox_send_between(const value_list_t *vl);

/* How many values were dropped because they waited too long. */
uint64_t vr_outbox_dropped(void);

/* To be called now and then: forgets series of which nothing was sent for an
 * hour. */
void vr_outbox_forget_idle(void);

/* To be called where a write thread of collectd begins with another value: it
 * has written the one before. */
void vr_outbox_note_turn(void);

#endif
