/* SPDX-License-Identifier: MIT
 *
 * Taps of guests on our bridges, and waiting for who shows himself there.
 * Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_PORTS_H
#define VR_OVERLAY_OVERLAY_PORTS_H

#include "overlay/overlay_internal.h"

/* Looks at all processes and interfaces; with the lock of looking only. */
void vr_overlay_look(struct vr_overlay *o);

/* Takes in what was seen: which taps are whose. With both locks. */
void vr_overlay_take_ports(struct vr_overlay *o);

struct vr_overlay_port *vr_overlay_port_at(struct vr_overlay *o,
                                           unsigned index);

/* Whether P's guest may use MAC. */
bool vr_overlay_port_may_use(const struct vr_overlay_port *p,
                             const struct vr_mac *mac);

/* Waits at all ports of LAN for what is not at the port. */
void vr_overlay_watch_ports(struct vr_overlay *o, const struct vr_lan *lan);
void vr_overlay_close_ports(struct vr_overlay *o);

#endif
