/* SPDX-License-Identifier: MIT
 *
 * One step of an advice.
 */
#ifndef VR_TOPOLOGY_ADVICE_STEP_H
#define VR_TOPOLOGY_ADVICE_STEP_H

#include <stdbool.h>
#include <stddef.h>

struct vr_advice_step {
  bool is_swap;
  size_t guest, from, to; /* GUEST moves from host FROM to host TO */
  size_t other;           /* of a swap: OTHER moves from TO to FROM */
  double bytes;           /* per second that no longer cross hosts */
  double copy;            /* bytes of memory to copy */
  /* A swap for which neither host has room for both guests: one of them has to
   * wait elsewhere meanwhile. */
  bool needs_room;
};

#endif
