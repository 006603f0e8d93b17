/* SPDX-License-Identifier: MIT
 *
 * What becomes of the values that the outbox has sent: as collectd's cache, its
 * write threads and its writers show it.
 */
#ifndef VR_PLUGINS_OUTBOX_ARRIVAL_H
#define VR_PLUGINS_OUTBOX_ARRIVAL_H

#include "outbox_series.h"

/* Registers with collectd. Returns 0 or a negative errno. */
int vr_outbox_arrival_begin(void);

/* A write thread begins with another value: it has written the one before. */
void vr_outbox_arrival_turn(void);

/* A target stops VL. */
void vr_outbox_arrival_stopped(const value_list_t *vl);

#endif
