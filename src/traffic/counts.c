/* SPDX-License-Identifier: MIT */
#include "traffic/counts.h"

#include <string.h>

bool vr_counts_is_zero(const struct vr_peer_counts *c) {
  static const struct vr_peer_counts zero;
  return memcmp(c, &zero, sizeof(zero)) == 0;
}

static void add(struct vr_frame_counts *sum, const struct vr_frame_counts *c) {
  sum->bytes += c->bytes;
  sum->frames += c->frames;
  sum->more_segments += c->more_segments;
  sum->more_bytes += c->more_bytes;
}

void vr_counts_add(struct vr_peer_counts *sum, const struct vr_peer_counts *c) {
  add(&sum->sent, &c->sent);
  add(&sum->received, &c->received);
}

static struct vr_frame_counts growth(const struct vr_frame_counts *before,
                                     const struct vr_frame_counts *now) {
  return (struct vr_frame_counts){
      .bytes = now->bytes - before->bytes,
      .frames = now->frames - before->frames,
      .more_segments = now->more_segments - before->more_segments,
      .more_bytes = now->more_bytes - before->more_bytes,
  };
}

struct vr_peer_counts vr_counts_growth(const struct vr_peer_counts *before,
                                       const struct vr_peer_counts *now) {
  return (struct vr_peer_counts){growth(&before->sent, &now->sent),
                                 growth(&before->received, &now->received)};
}

int vr_counts_compare_peers(const struct vr_peer *a, const struct vr_peer *b) {
  return memcmp(a, b, sizeof(*a));
}
