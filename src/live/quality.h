/* SPDX-License-Identifier: MIT
 *
 * When provenance and fit of a counter are published: at once where they are
 * new or have changed, and otherwise once in so many ticks. Both stay the same
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
  bool published;
};

/* Are PROVENANCE and FIT of counter C to be published at TICK, of which one in
 * EVERY repeats what has not changed? The counters take turns. If so, Q
 * remembers it. */
bool vr_live_quality_due(struct vr_quality *q, enum vr_counter c,
                         enum vr_provenance provenance, double fit,
                         int64_t tick, unsigned every);

/* What comes next counts as new, for all VR_COUNTERS of QUALITIES. */
void vr_live_quality_forget(struct vr_quality *qualities);

#endif
