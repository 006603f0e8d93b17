/* SPDX-License-Identifier: MIT */
#include "live/quality.h"

#include <math.h>

static bool is_known(const struct vr_quality *q, const struct vr_quality *now) {
  return q->published && q->provenance == now->provenance &&
         q->wide == now->wide &&
         (q->fit == now->fit || (isnan(q->fit) && isnan(now->fit)));
}

bool vr_live_quality_due(struct vr_quality *q, enum vr_counter c,
                         const struct vr_quality *now, int64_t tick,
                         unsigned every) {
  bool turn = (tick + (int64_t)c) % (int64_t)every == 0;
  if (!turn && is_known(q, now))
    return false;
  *q = *now;
  q->published = true;
  return true;
}

void vr_live_quality_forget(struct vr_quality *qualities) {
  for (int c = 0; c < VR_COUNTERS; c++)
    qualities[c].published = false;
}
