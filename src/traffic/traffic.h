/* SPDX-License-Identifier: MIT
 *
 * Who talks to whom: the frames of every guest of a host, counted for each peer
 * and shown as series.
 *
 * One object belongs to one thread at a time. The kernel counts for as long as
 * it is there.
 */
#ifndef VR_TRAFFIC_TRAFFIC_H
#define VR_TRAFFIC_TRAFFIC_H

#include "host/emit.h"
#include "host/host.h"
#include "traffic/traffic_guest.h"

#include <stddef.h>

struct vr_traffic;

/* Copies SETTINGS; what they point to must outlive it. Returns 0 or -ENOMEM. */
int vr_traffic_new(const struct vr_traffic_settings *settings,
                   struct vr_traffic **ret);
void vr_traffic_free(struct vr_traffic *t);

/* Takes what was counted of the guests that HOST has read. */
void vr_traffic_read(struct vr_traffic *t, const struct vr_host *host);

/* How many guests there are, and how the I-th is called. */
size_t vr_traffic_count(const struct vr_traffic *t);
const char *vr_traffic_name(const struct vr_traffic *t, size_t i);

/* Calls FN for every series of the I-th guest; WIRE: also bytes on a wire. */
void vr_traffic_emit(const struct vr_traffic *t, size_t i, bool wire,
                     vr_emit_fn fn, void *ctx);

#endif
