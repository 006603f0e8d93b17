/* SPDX-License-Identifier: MIT
 *
 * Does a guest's clock go on? A kernel whose variables are read may be paused,
 * rebooted or dead: then its last tick grows old. An idle kernel may leave out
 * ticks for a second or two.
 *
 * The guest's clock (ns since boot at its last tick) runs as the host's does,
 * shifted: the largest shift seen lately is the best, because a tick is never
 * early.
 */
#ifndef VR_INTROSPECT_KERNEL_CLOCK_H
#define VR_INTROSPECT_KERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define VR_CLOCK_SHIFTS 8
#define VR_CLOCK_MAX_REST_NS 2500000000ull /* an idle kernel rests less */
#define VR_CLOCK_GIVE_UP_NS 30000000000ull /* then it is searched anew */

enum vr_clock_verdict {
  VR_CLOCK_RUNS,
  VR_CLOCK_RESTS,  /* does not advance now */
  VR_CLOCK_RESTED, /* did not advance in this interval, or jumped; runs again */
  VR_CLOCK_GONE,   /* has not advanced for long */
  VR_CLOCK_BACKWARDS, /* another boot */
};

struct vr_clock {
  bool started;        /* has one observation */
  bool proved;         /* has been seen to go on */
  uint64_t jiffies;    /* of the last observation */
  uint64_t tick;       /* ns, 0 where the kernel does not show it */
  uint64_t host;       /* ns, host's monotonic clock */
  uint64_t moved_host; /* when it was last seen to have moved */
  int64_t shifts[VR_CLOCK_SHIFTS];
  unsigned n_shifts;
};

/* Takes one observation, made at HOST. *ret_now is the guest's clock then,
 * estimated, or 0 if the kernel does not show its ticks. */
enum vr_clock_verdict vr_kernel_clock_observe(struct vr_clock *c, uint64_t host,
                                              uint64_t jiffies, uint64_t tick,
                                              uint64_t *ret_now);

#endif
