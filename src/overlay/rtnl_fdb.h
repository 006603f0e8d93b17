/* SPDX-License-Identifier: MIT
 *
 * Entries of forwarding databases: a bridge's (to which port) and a VXLAN's (to
 * which host).
 */
#ifndef VR_OVERLAY_RTNL_FDB_H
#define VR_OVERLAY_RTNL_FDB_H

#include "overlay/overlay_plan.h"
#include "overlay/rtnl.h"

/* All zero: empty. */
struct vr_rtnl_fdb {
  size_t n, capacity;
  struct vr_overlay_entry *list;
};

void vr_rtnl_fdb_clear(struct vr_rtnl_fdb *f);

/* Adds an entry to the list, not to the kernel. */
int vr_rtnl_fdb_add(struct vr_rtnl_fdb *f, const struct vr_overlay_entry *e);

/* Replaces *F by all entries that there are but those that a bridge has learned
 * and those of interfaces themselves. */
int vr_rtnl_fdb_read(struct vr_rtnl *r, struct vr_rtnl_fdb *f);

/* Sets the entry whatever was there for its address, or removes it; one that is
 * not there, or whose port is not, is no error. An entry of a VXLAN's flooding
 * list (address zero) stands beside the others. Without a destination all of a
 * VXLAN's entries for the address are removed. */
int vr_rtnl_fdb_set(struct vr_rtnl *r, const struct vr_overlay_entry *e);
int vr_rtnl_fdb_delete(struct vr_rtnl *r, const struct vr_overlay_entry *e);

#endif
