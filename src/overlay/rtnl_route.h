/* SPDX-License-Identifier: MIT
 *
 * Routes to single hosts, of the main table. Ours are known by their protocol.
 */
#ifndef VR_OVERLAY_RTNL_ROUTE_H
#define VR_OVERLAY_RTNL_ROUTE_H

#include "overlay/rtnl.h"

enum {
  VR_RTNL_ROUTE_PROTOCOL = 118, /* no number of /etc/iproute2/rt_protos */
  VR_RTNL_ROUTE_METRIC = 5,     /* before a route of an operator's own */
};

struct vr_rtnl_route {
  struct vr_address to, gateway; /* no gateway: to is on the link */
  unsigned index;                /* of the interface */
  bool ours;
};

/* All zero: empty. */
struct vr_rtnl_routes {
  size_t n, capacity;
  struct vr_rtnl_route *list;
};

void vr_rtnl_routes_clear(struct vr_rtnl_routes *t);

/* Replaces *T by all routes to single hosts with our metric. */
int vr_rtnl_routes_read(struct vr_rtnl *r, struct vr_rtnl_routes *t);

/* Sets a route in one step: what was there before is used until then. */
int vr_rtnl_route_set(struct vr_rtnl *r, const struct vr_rtnl_route *route);

/* Takes ours to that host away; it may be gone already. */
int vr_rtnl_route_delete(struct vr_rtnl *r, const struct vr_rtnl_route *route);

#endif
