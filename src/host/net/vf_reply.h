/* SPDX-License-Identifier: MIT
 *
 * What the kernel answers (rtnetlink) to a question about a network card: the
 * counters of its virtual functions.
 */
#ifndef VR_HOST_NET_VF_REPLY_H
#define VR_HOST_NET_VF_REPLY_H

#include "host/net/netdev.h"

/* A list of them has less than 64 KiB, one of them takes about 300 bytes. */
enum { VR_VF_MAX = 256 };

/* What the virtual functions of one card did, by their numbers. They count as
 * the guest does: rx is what it received. */
struct vr_vf_counters {
  bool known[VR_VF_MAX];
  struct vr_netif v[VR_VF_MAX]; /* without names */
};

/* Takes the answer to request SEQUENCE out of DATA, LENGTH bytes that were read
 * from the kernel at once. One that has not counted a packet yet is not known.
 * Returns 0; -EAGAIN when the answer is not among it; the error that the kernel
 * answered, or -EBADMSG. Only with 0 *RET is set. */
int vr_vf_parse(const void *data, size_t length, uint32_t sequence,
                struct vr_vf_counters *ret);

#endif
