/* SPDX-License-Identifier: MIT
 *
 * The program that the kernel runs for every frame of a guest's tap: it counts
 * the frame for a peer in a map, and lets no frame through to the socket that
 * it is attached to, so that nobody is woken.
 */
#ifndef VR_TRAFFIC_COUNTING_PROGRAM_H
#define VR_TRAFFIC_COUNTING_PROGRAM_H

#include "basic/mac.h"
#include "traffic/assembler.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_COUNTING_MACS_MAX = 64 };

struct vr_counting_options {
  int map; /* descriptor of a map of struct vr_peer to struct vr_peer_counts */
  /* The guest's addresses. None: not known. Then no frame counts as spoofed,
   * and none as another guest's. */
  const struct vr_mac *macs;
  size_t macs_count; /* at most VR_COUNTING_MACS_MAX */
  bool received;     /* count what the guest receives, too */
  /* The interface is a macvtap: what leaves the host's stack through it was
   * sent by the guest. Of a tap it is the other way round. */
  bool outgoing_is_sent;
  /* Count segments of large frames: from Linux 5.7 on the kernel says how long
   * they are. */
  bool segments;
};

/* Appends the program to A, which is empty. Returns 0, or a negative errno:
 * -E2BIG for too many addresses. */
int vr_counting_program_build(const struct vr_counting_options *options,
                              struct vr_assembler *a);

#endif
