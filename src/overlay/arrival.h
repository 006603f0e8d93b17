/* SPDX-License-Identifier: MIT
 *
 * A packet socket at a tap that receives only frames that its guest sends under
 * one of a few addresses. It wakes us when a guest shows itself.
 */
#ifndef VR_OVERLAY_ARRIVAL_H
#define VR_OVERLAY_ARRIVAL_H

#include "basic/mac.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_ARRIVAL_MACS = 96 };

/* Opens the socket at the interface INDEX; nothing is received before
 * vr_arrival_watch(). Returns it, or a negative errno: -EPERM without
 * CAP_NET_RAW. */
int vr_arrival_open(unsigned index);

/* Only frames from these COUNT addresses are received; none: no frame. What was
 * received before is thrown away. Returns 0 or a negative errno. */
int vr_arrival_watch(int fd, const struct vr_mac *macs, size_t count);

/* The sender of the next frame that was received; false: there is none. */
bool vr_arrival_next(int fd, struct vr_mac *ret);

#endif
