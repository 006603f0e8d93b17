/* SPDX-License-Identifier: MIT
 *
 * The frames of one interface of a guest, counted by the kernel for each peer.
 *
 * The kernel's table has room for VR_FRAME_PEERS peers, whatever a guest sends.
 * Entries are never taken out of it, because a count could be lost at that
 * moment. When a table fills up, a new one takes its place between two frames,
 * and the old one is read once more.
 */
#ifndef VR_TRAFFIC_FRAME_COUNTER_H
#define VR_TRAFFIC_FRAME_COUNTER_H

#include "traffic/counts.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_FRAME_PEERS = 256 };

struct vr_frame_counter;

struct vr_frame_counter_options {
  const char *name;      /* of the interface */
  int network;           /* descriptor of its network namespace; -1: ours */
  bool received;         /* count what the guest receives, too */
  bool outgoing_is_sent; /* it is a macvtap */
  /* The guest's addresses: see vr_counting_options. */
  const struct vr_mac *macs;
  size_t macs_count;
};

/* Begins to count. Returns 0 or a negative errno: -ENODEV, there is no such
 * interface; -EPERM, a right is missing; others on kernels that are too old. */
int vr_frame_counter_new(const struct vr_frame_counter_options *options,
                         struct vr_frame_counter **ret);

/* Ends counting. */
void vr_frame_counter_free(struct vr_frame_counter *c);

/* The same of COUNT of them, in little more time than of one. */
void vr_frame_counter_free_all(struct vr_frame_counter *const *c, size_t count);

/* Receives what has grown since the last reading: each peer at most once for
 * each table that is read. */
typedef void (*vr_frame_counter_fn)(void *ctx, const struct vr_peer *peer,
                                    const struct vr_peer_counts *growth);

/* Reports what has grown. Returns 0 or a negative errno; then what could not be
 * read is reported the next time. */
int vr_frame_counter_read(struct vr_frame_counter *c, vr_frame_counter_fn fn,
                          void *ctx);

/* Makes room if the table is nearly full. The COUNT PEERS have a place in the
 * new one before others can take it. Returns 0 or a negative errno; then the
 * old table goes on. */
int vr_frame_counter_make_room(struct vr_frame_counter *c,
                               const struct vr_mac *peers, size_t count);

/* The guest's addresses are others now. Returns 0 or a negative errno. */
int vr_frame_counter_set_macs(struct vr_frame_counter *c,
                              const struct vr_mac *macs, size_t count);

/* Whether the interface is still there. */
bool vr_frame_counter_is_there(const struct vr_frame_counter *c);

/* Whether segments of large frames are counted. */
bool vr_frame_counter_has_segments(const struct vr_frame_counter *c);

#endif
