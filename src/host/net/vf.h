/* SPDX-License-Identifier: MIT
 *
 * Virtual functions of SR-IOV network cards, as they are passed through to
 * guests: which of them a device is, and what it did. No interface of the host
 * carries their packets; the driver of the physical function may count them,
 * and the kernel tells that through rtnetlink.
 */
#ifndef VR_HOST_NET_VF_H
#define VR_HOST_NET_VF_H

#include "host/net/netdev.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A list of them has less than 64 KiB, one of them takes about 300 bytes. */
enum { VR_VF_MAX = 256 };

/* What the virtual functions of one card did, by their numbers. They count as
 * the guest does: rx is what it received. */
struct vr_vf_counters {
  bool known[VR_VF_MAX];
  struct vr_netif v[VR_VF_MAX]; /* without names */
};

/* Which virtual function the PCI device in the directory DEVICE below SYSFD
 * (/sys) is: the interface of its physical function, and its number there.
 * Returns 0 or a negative errno when it is none or that cannot be told for
 * certain; then the results are untouched. */
int vr_vf_identify(int sysfd, const char *device, char ret_pf[VR_IFNAME_MAX],
                   unsigned *ret_vf);

/* Takes the answer to request SEQUENCE out of DATA, LENGTH bytes that were read
 * from the kernel at once. One that has not counted a packet yet is not known.
 * Returns 0; -EAGAIN when the answer is not among it; the error that the kernel
 * answered, or -EBADMSG. Only with 0 *RET is set. */
int vr_vf_parse(const void *data, size_t length, uint32_t sequence,
                struct vr_vf_counters *ret);

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
