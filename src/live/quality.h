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

/* How often quality is published, and whether that of what is measured is. */
struct vr_quality_rule {
  unsigned every; /* one tick in so many repeats what has not changed */
  /* A measurement needs no word on its quality. Where it takes the place of an
   * estimate it is said once, so that no reader keeps that of the estimate. */
  bool measured_too;
};

struct vr_quality_due {
  bool provenance, fit;
  bool wide; /* whether the bounds are wide; while they never were it is not */
};

/* What of NOW, the quality of counter C, is to be published at TICK? The
 * counters take turns. Q remembers it. */
struct vr_quality_due vr_live_quality_due(struct vr_quality *q,
                                          enum vr_counter c,
                                          const struct vr_quality *now,
                                          int64_t tick,
                                          const struct vr_quality_rule *rule);

/* What comes next counts as new, for all VR_COUNTERS of QUALITIES. */
void vr_live_quality_forget(struct vr_quality *qualities);

#endif
