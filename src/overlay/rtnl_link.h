/* SPDX-License-Identifier: MIT
 *
 * Interfaces: which there are, and how a bridge and a VXLAN are made.
 */
#ifndef VR_OVERLAY_RTNL_LINK_H
#define VR_OVERLAY_RTNL_LINK_H

#include "overlay/rtnl.h"

#include <stdint.h>

struct vr_rtnl_link {
  unsigned index, master;  /* master: the bridge that it is on, or 0 */
  unsigned mtu, flags;     /* IFF_UP, ... */
  uint64_t received, sent; /* bytes */
  char name[VR_RTNL_NAME], kind[VR_RTNL_NAME], alias[VR_RTNL_ALIAS];
  struct vr_mac mac;
  uint32_t vni; /* of a VXLAN, as what follows */
  uint16_t port;
  struct vr_address local;
};

/* All zero: empty. */
struct vr_rtnl_links {
  size_t n, capacity;
  struct vr_rtnl_link *list;
};

void vr_rtnl_links_clear(struct vr_rtnl_links *l);

/* Replaces *L by all interfaces that there are. */
int vr_rtnl_links_read(struct vr_rtnl *r, struct vr_rtnl_links *l);

/* What one message says of an interface; false: it is about something else. */
bool vr_rtnl_link_parse(const struct nlmsghdr *part, struct vr_rtnl_link *ret);

const struct vr_rtnl_link *vr_rtnl_links_named(const struct vr_rtnl_links *l,
                                               const char *name);
const struct vr_rtnl_link *vr_rtnl_links_at(const struct vr_rtnl_links *l,
                                            unsigned index);

/* Whether this plugin has made it. */
bool vr_rtnl_link_is_ours(const struct vr_rtnl_link *l);

/* The interface that has ADDRESS: its index, or -ENODEV. */
int vr_rtnl_link_of_address(struct vr_rtnl *r, const struct vr_address *address,
                            unsigned *ret_index);

/* Make an interface with our alias, down and without an address of its own, so
 * that guests do not reach the host by it. */
int vr_rtnl_make_bridge(struct vr_rtnl *r, const char *name, unsigned mtu);

/* A VXLAN that learns nothing. Of WANTED name, vni, port, local and mtu count.
 */
int vr_rtnl_make_vxlan(struct vr_rtnl *r, const struct vr_rtnl_link *wanted);

int vr_rtnl_link_set_mtu(struct vr_rtnl *r, unsigned index, unsigned mtu);
int vr_rtnl_link_set_up(struct vr_rtnl *r, unsigned index);

/* Puts it on the bridge MASTER, which then learns nothing from it. */
int vr_rtnl_link_join(struct vr_rtnl *r, unsigned index, unsigned master);

int vr_rtnl_link_delete(struct vr_rtnl *r, unsigned index);

#endif
