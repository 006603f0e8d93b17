/* SPDX-License-Identifier: MIT
 *
 * Value lists on their way into collectd: the one way by which our plugins
 * dispatch. collectd's write threads take values from one queue and overtake
 * each other: of two ticks of one series the newer may reach the daemon's cache
 * or a write plugin first, and the older is then dropped ("Value too old"). So
 * a series has one value on its way at most: the next one waits here until the
 * one before is written.
 *
 * There is one outbox in a daemon, whichever of our modules began first: it is
 * the target that sees how collectd's threads go on, and the other plugins'
 * values wait by that, too.
 */
#ifndef VR_PLUGINS_OUTBOX_H
#define VR_PLUGINS_OUTBOX_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* Uses the outbox of the daemon, or starts it with its thread, which sends what
 * has waited. From init. Returns 0 or a negative errno: then values are
 * dispatched at once, and may overtake each other. */
int vr_outbox_begin(void);
#define VR_OUTBOX_NONE                                                         \
  "no thread can be started for values that wait: of one series two may be "   \
  "in "                                                                        \
  "collectd's queue, and overtake each other"

/* From shutdown, when no other thread of collectd's is left: what waits is
 * dropped. */
void vr_outbox_end(void);

/* Dispatches VL, now or when the value of its series before it is written; it
 * never waits. VL and its values stay the caller's; host, time and interval are
 * filled in where they are empty, as collectd does. */
void vr_outbox_send(const value_list_t *vl);

/* The same for a value between two others, without which the series is coarser:
 * it is left out where several of the series wait, as on a starved machine, so
 * that they do not become more and more. */
void vr_outbox_send_between(const value_list_t *vl);

/* How many values were dropped because they waited too long. */
uint64_t vr_outbox_dropped(void);

/* To be called where a write thread of collectd begins with another value: it
 * has written the one before. */
void vr_outbox_note_turn(void);

/* To be called where a target stops VL: it will not reach the cache, and the
 * next one of its series need not wait for that. */
void vr_outbox_note_stopped(const value_list_t *vl);

/* What each of our modules exports: the outbox that it runs, or NULL. */
#define VR_OUTBOX_SYMBOL "vr_outbox_running"
struct vr_outbox_calls;
const struct vr_outbox_calls *vr_outbox_running(void);

#endif
