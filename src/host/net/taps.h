/* SPDX-License-Identifier: MIT
 *
 * Which network interfaces of the host are a guest's: those whose tun or
 * macvtap device the VM process holds open, and the virtual functions of the
 * host's cards that it holds by vfio. Nothing else is exact: names of taps mean
 * nothing, and command lines only pass numbers of descriptors.
 */
#ifndef VR_HOST_NET_TAPS_H
#define VR_HOST_NET_TAPS_H

#include "host/net/netdev.h"
#include "host/net/vf.h"
#include "host/proc/accumulator.h"

enum { VR_TAPS_MAX = 64 };

/* In which network namespace an interface's name is meant. */
enum vr_tap_place { VR_TAP_ANYWHERE, VR_TAP_OF_HOST, VR_TAP_OF_GUEST };

struct vr_tap {
  char name[VR_IFNAME_MAX]; /* a virtual function's: the card's that has it */
  enum vr_tap_place place;
  /* A macvtap and a virtual function count as a network card does: what it
   * received went to the guest. A tap counts the other way round. */
  bool counts_like_guest;
  bool is_vf;
  unsigned vf; /* its number */
  int fd;      /* by which the VM process holds it, one of them; -1: another */
};

struct vr_taps {
  size_t count;
  struct vr_tap v[VR_TAPS_MAX];
  /* A network card is passed through (vfio) that is no virtual function of one
   * of the host's, a macvtap's interface is where it cannot be seen, or there
   * are too many: the taps are not all of its network. */
  bool partial;
};

/* Scans the descriptors of process PID, whose /proc directory is PROCESS; SYSFD
 * is /sys, or -1. Several queues of one tap count once. Returns 0 or a negative
 * errno (-EACCES: not allowed to read them), then *RET is untouched.
 */
int vr_taps_scan(int process, pid_t pid, int sysfd, struct vr_taps *ret);

/* The counters of one as the host counts a tap: rx is what the guest
 * transmitted. OWN, HOST and VFS as for the sum. Returns false when it is not
 * there. */
bool vr_taps_read(const struct vr_tap *tap, const struct vr_netdev *own,
                  const struct vr_netdev *host, struct vr_vfs *vfs,
                  struct vr_netif *ret);

/* The sum of the taps' counters as the host counts a tap: rx is what the guest
 * transmitted. OWN are the interfaces of the guest's network namespace (NULL:
 * not known), HOST those of ours, VFS the virtual functions; SUMS holds what
 * each did. Returns false when one of them is not there, or when they are not
 * all that the guest has. */
bool vr_taps_sum(const struct vr_taps *taps, const struct vr_netdev *own,
                 const struct vr_netdev *host, struct vr_vfs *vfs,
                 struct vr_accumulator *sums, struct vr_netif *ret);

#endif
