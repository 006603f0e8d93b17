/* SPDX-License-Identifier: MIT
 *
 * What is counted of the frames between a guest and one peer, and for whom: the
 * keys and values of the map that the counting program fills.
 */
#ifndef VR_TRAFFIC_COUNTS_H
#define VR_TRAFFIC_COUNTS_H

#include "basic/mac.h"

#include <stdbool.h>
#include <stdint.h>

enum vr_peer_kind {
  VR_PEER_MAC,       /* frames from or to one address */
  VR_PEER_BROADCAST, /* to everybody */
  VR_PEER_MULTICAST, /* to another group */
  /* Frames that count for no peer: of addresses for which the map has no room,
   * and those that a bridge floods to this guest though they are another's. */
  VR_PEER_OTHERS,
  VR_PEER_SPOOFED, /* sent under an address that is not the guest's */
  VR_PEER_KINDS,
};

/* The map's key. MAC is zero unless the kind is VR_PEER_MAC. */
struct vr_peer {
  struct vr_mac mac;
  uint8_t kind;
  uint8_t zero;
};

/* A large frame that is cut into segments only later, or never, is one frame.
 * What it would be on a wire is MORE_SEGMENTS further frames, and MORE_BYTES
 * for the headers that each of these repeats. */
struct vr_frame_counts {
  uint64_t bytes, frames;
  uint64_t more_segments, more_bytes;
};

/* The map's value. */
struct vr_peer_counts {
  struct vr_frame_counts sent;     /* by the guest */
  struct vr_frame_counts received; /* by the guest */
};

bool vr_counts_is_zero(const struct vr_peer_counts *c);
void vr_counts_add(struct vr_peer_counts *sum, const struct vr_peer_counts *c);

/* What has grown from BEFORE to NOW. */
struct vr_peer_counts vr_counts_growth(const struct vr_peer_counts *before,
                                       const struct vr_peer_counts *now);

/* Orders peers; 0: they are the same. */
int vr_counts_compare_peers(const struct vr_peer *a, const struct vr_peer *b);

#endif
