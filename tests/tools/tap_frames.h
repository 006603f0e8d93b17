/* SPDX-License-Identifier: MIT
 *
 * A tap driven as virtio-net drives it: frames with a header that says how a
 * large one is to be cut. What each frame should count as comes with it.
 */
#ifndef VR_TESTS_TAP_FRAMES_H
#define VR_TESTS_TAP_FRAMES_H

#include "basic/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAP_FRAME_MAX = 70000, TAP_MSS = 1448 };

struct tap_frame {
  struct vr_mac destination, source;
  /* Of TCP's data; with LARGE it may be more than a segment's. */
  size_t payload;
  bool large;     /* to be cut into segments of TAP_MSS */
  bool ipv6;      /* or version 4 */
  unsigned vlans; /* tags in the frame */
  size_t raw;     /* a bare frame of so many bytes instead, 0: none */
  unsigned gso;   /* segments' length, if not TAP_MSS */
};

/* Opens the tap NAME, a new one unless it is there; up. NETWORK as for the
 * calling thread. Returns its descriptor, which does not block, or -1 with
 * errno. */
int tap_open(const char *name);

/* As the calling thread's namespace has them: frames of a bridge named NAME,
 * with PORT on it. Return 0 or -1. */
int tap_bridge(const char *name);
int tap_on_bridge(const char *port, const char *bridge);

/* Writes the frame. Returns its length as the tap counts it, or -1 with errno.
 */
long tap_send(int tap, const struct tap_frame *f);

/* What it is on a wire. */
uint64_t tap_segments(const struct tap_frame *f);
uint64_t tap_wire_bytes(const struct tap_frame *f);

/* Takes all that waits; returns how many frames. */
unsigned tap_drain(int tap);

/* The counters of the interface, as its namespace has them; false: not there */
struct tap_counters {
  uint64_t rx_bytes, rx_frames, rx_dropped;
  uint64_t tx_bytes, tx_frames, tx_dropped;
};
bool tap_counters(const char *name, struct tap_counters *ret);

#endif
