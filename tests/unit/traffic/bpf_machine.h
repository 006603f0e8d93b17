/* SPDX-License-Identifier: MIT
 *
 * Runs a BPF program as the kernel would, as far as ours needs it: so that it
 * can be tried without a kernel's permission, on frames that no tap lets pass.
 */
#ifndef VR_TESTS_BPF_MACHINE_H
#define VR_TESTS_BPF_MACHINE_H

#include "traffic/assembler.h"
#include "traffic/counts.h"

enum { MACHINE_MAP = 8 }; /* as large as its map may be */

struct machine {
  size_t room; /* entries that its map has room for */
  size_t count;
  struct vr_peer keys[MACHINE_MAP];
  struct vr_peer_counts values[MACHINE_MAP];
  const uint8_t *frame;
  size_t length;
  unsigned steps; /* of the last run */
};

/* Runs the program on the frame; SKB holds what the kernel says about it.
 * Returns what the program returns; fails the test for an instruction that it
 * does not know, an access outside of the stack, or one that is not aligned. */
uint64_t machine_run(struct machine *m, const struct vr_assembler *a,
                     const struct __sk_buff *skb);

/* The counters of a peer, or NULL. */
struct vr_peer_counts *machine_find(struct machine *m,
                                    const struct vr_peer *peer);

#endif
