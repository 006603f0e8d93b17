/* SPDX-License-Identifier: MIT */
#include "live/quality.h"

#include <math.h>

static bool is_known(const struct vr_quality *q, enum vr_provenance provenance,
                     double fit) {
  return q->published && q->provenance == provenance &&
         (q->fit == fit || (isnan(q->fit) && isnan(fit)));
}

bool vr_live_quality_due(struct vr_quality *q, enum vr_counter c,
                         enum vr_provenance provenance, double fit,
                         int64_t tick, unsigned every) {
  bool turn = (tick + (int64_t)c) % (int64_t)every == 0;
  if (!turn && is_known(q, provenance, fit))
    return false;
  *q = (struct vr_quality){fit, provenance, true};
  return true;
}

void vr_live_quality_forget(struct vr_quality *qualities) {
  for (int c = 0; c < VR_COUNTERS; c++)
    qualities[c].published = false;
}
