/* SPDX-License-Identifier: MIT
 *
 * Which network interfaces of the host are a guest's: those whose tun or
 * macvtap device the VM process holds open. Nothing else is exact: names of
 * taps say nothing, and command lines only pass numbers of descriptors.
 */
#ifndef VR_HOST_TAPS_H
#define VR_HOST_TAPS_H

#include "host/netdev.h"

enum { VR_TAPS_MAX = 64 };

struct vr_tap {
  char name[VR_IFNAME_MAX];
  /* A macvtap counts as a network card does: what it received went to the
   * guest. A tap counts the other way round. */
  bool counts_like_guest;
};

struct vr_taps {
  size_t count;
  struct vr_tap v[VR_TAPS_MAX];
};

/* Looks through the descriptors of the process whose /proc directory is
 * PROCESS. Several queues of one tap count once. Returns 0 or a negative errno
 * (-EACCES: not allowed to look), then *RET is untouched. */
int vr_taps_scan(int process, struct vr_taps *ret);

/* The sum of the taps' counters in N as the host counts a tap: rx is what the
 * guest transmitted. Returns false when none of them is there. */
bool vr_taps_sum(const struct vr_taps *taps, const struct vr_netdev *n,
                 struct vr_netif *ret);

#endif
