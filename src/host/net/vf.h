/* SPDX-License-Identifier: MIT
 *
 * What the virtual functions of SR-IOV network cards did that are passed
 * through to guests. No interface of the host carries their packets; the driver
 * of the physical function may count them, and the kernel reports that through
 * rtnetlink.
 */
#ifndef VR_HOST_NET_VF_H
#define VR_HOST_NET_VF_H

#include "host/net/netdev.h"

/* The counters of all physical functions that are needed. All zero: none yet;
 * nothing is opened before the first is asked for. */
struct vr_vfs {
  struct vr_vf_link *link;
  struct vr_vf_card *cards;
  unsigned generation;
};

/* Begins a reading. A card that was not asked for in the last is forgotten. */
void vr_vf_begin(struct vr_vfs *v);

/* What virtual function VF of the interface PF did, or NULL. The first question
 * about a card in a reading asks the kernel. */
const struct vr_netif *vr_vf_find(struct vr_vfs *v, const char *pf,
                                  unsigned vf);

void vr_vf_free(struct vr_vfs *v);

#endif
