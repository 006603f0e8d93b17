/* SPDX-License-Identifier: MIT
 *
 * When the quality of a counter is published: at once where it is new or has
 * changed, and otherwise once in so many ticks. It mostly stays the same
 * for days, and a value list of each beside every value would be most of what
 * the daemon has to carry.
 */
#ifndef VR_LIVE_QUALITY_H
#define VR_LIVE_QUALITY_H

#include "schema/counters.h"
#include "schema/provenance.h"

#include <stdbool.h>
#include <stdint.h>

/* What was last published of one counter. All zero: nothing. */
struct vr_quality {
  double fit;
  enum vr_provenance provenance;
  bool wide; /* of the load by law, see answer.h; else false */
  bool published;
};

/* Is NOW, the quality of counter C, to be published at TICK, of which one in
 * EVERY repeats what has not changed? The counters take turns. If so, Q
 * remembers it. */
bool vr_live_quality_due(struct vr_quality *q, enum vr_counter c,
                         const struct vr_quality *now, int64_t tick,
                         unsigned every);

/* What comes next counts as new, for all VR_COUNTERS of QUALITIES. */
void vr_live_quality_forget(struct vr_quality *qualities);

#endif
