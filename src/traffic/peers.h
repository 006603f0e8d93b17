/* SPDX-License-Identifier: MIT
 *
 * A guest's peers, and which of them have series of their own: those that it
 * exchanges most bytes with. What others do is summed up, so that at any time
 * all series of the guest together have grown by what its taps have counted.
 */
#ifndef VR_TRAFFIC_PEERS_H
#define VR_TRAFFIC_PEERS_H

#include "traffic/counts.h"

#include <stddef.h>

struct vr_peers;

struct vr_peers_options {
  size_t top; /* peers that have series, besides those that are named */
  /* Peers that have series whatever they do. */
  const struct vr_mac *named;
  size_t named_count;
};

/* Copies the options. Returns 0 or -ENOMEM. */
int vr_peers_new(const struct vr_peers_options *options, struct vr_peers **ret);
void vr_peers_free(struct vr_peers *p);

/* What has grown of one peer since the last reading. */
void vr_peers_add(struct vr_peers *p, const struct vr_peer *peer,
                  const struct vr_peer_counts *growth);

/* Ends a reading, SECONDS after the last one: what has grown is added to the
 * series, and then it is decided who has one from now on: a peer that had
 * frames in one reading before this one, at the earliest. A new series begins
 * at zero, or where it ended; one that ends has its last value now. */
void vr_peers_end(struct vr_peers *p, double seconds);

/* Calls FN for each series with what it has counted. Kinds other than a MAC
 * have series always. */
typedef void (*vr_peers_fn)(void *ctx, const struct vr_peer *peer,
                            const struct vr_peer_counts *counts);
void vr_peers_each(const struct vr_peers *p, vr_peers_fn fn, void *ctx);

/* The peers that have series: copies at most N, returns how many. */
size_t vr_peers_shown(const struct vr_peers *p, struct vr_mac *macs, size_t n);

/* How many are remembered. */
size_t vr_peers_known(const struct vr_peers *p);

#endif
