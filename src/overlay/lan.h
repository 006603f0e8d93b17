/* SPDX-License-Identifier: MIT
 *
 * One virtual LAN: what the configuration says, and the bridge and the VXLAN
 * that it is made of on this host.
 */
#ifndef VR_OVERLAY_LAN_H
#define VR_OVERLAY_LAN_H

#include "basic/log.h"
#include "overlay/members.h"
#include "overlay/rtnl_link.h"

enum { VR_LAN_NAME = 64, VR_LAN_PORT = 4789, VR_LAN_MTU_LEAST = 576 };

/* An address that moves between guests by itself, as VRRP's does. */
struct vr_lan_allowed {
  struct vr_mac mac;
  char guest[VR_ANNOUNCEMENT_NAME]; /* only this one; "": any */
};

struct vr_lan {
  char name[VR_LAN_NAME];
  uint32_t vni;
  char bridge[VR_RTNL_NAME], device[VR_RTNL_NAME];
  unsigned mtu; /* 0: as the way between the hosts allows */
  uint16_t port;
  bool manage; /* the bridge is somebody else's, and we may use it */
  size_t n_hosts, hosts_capacity;
  char (*hosts)[VR_ANNOUNCEMENT_NAME]; /* none: all */
  size_t n_allowed, allowed_capacity;
  struct vr_lan_allowed *allowed;
  /* As it is now; 0: not there. */
  unsigned bridge_index, device_index, real_mtu;
  struct vr_complaint trouble;
};

void vr_lan_clear(struct vr_lan *lan);

/* Whether the host NAME is in it. */
bool vr_lan_has(const struct vr_lan *lan, const char *name);

/* Whether GUEST may use the address though it is not its own. NULL: any guest
 */
bool vr_lan_allows(const struct vr_lan *lan, const struct vr_mac *mac,
                   const char *guest);

/* Makes what is missing and sets right what is ours, or, with PRETEND, logs
 * what it would do. LINKS are the interfaces as they are. Returns whether
 * anything was changed, so that they are to be read again, or a negative errno;
 * then a message has said what to do. */
int vr_lan_ensure(struct vr_lan *lan, struct vr_rtnl *r,
                  const struct vr_rtnl_links *links,
                  const struct vr_address *vtep, bool pretend);

#endif
