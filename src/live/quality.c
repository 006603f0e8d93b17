/* SPDX-License-Identifier: MIT */
#include "live/quality.h"

#include <math.h>

static bool is_known(const struct vr_quality *q, const struct vr_quality *now) {
  return q->published && q->provenance == now->provenance &&
         q->wide == now->wide &&
         (q->fit == now->fit || (isnan(q->fit) && isnan(now->fit)));
}

static bool is_measured(enum vr_provenance p) {
  return p == VR_DIRECT || p == VR_COOPERATIVE || p == VR_INTROSPECTED;
}

/* Has a fit anything to say now, or has it had before? */
static bool has_fit(const struct vr_quality *q, const struct vr_quality *now,
                    const struct vr_quality_rule *rule) {
  bool has_had = q->provenance == VR_INFERRED ||
                 ((int)q->provenance != 0 && isfinite(q->fit));
  return rule->measured_too || now->provenance == VR_INFERRED ||
         isfinite(now->fit) || has_had;
}

struct vr_quality_due vr_live_quality_due(struct vr_quality *q,
                                          enum vr_counter c,
                                          const struct vr_quality *now,
                                          int64_t tick,
                                          const struct vr_quality_rule *rule) {
  bool silent = !rule->measured_too && is_measured(now->provenance);
  bool turn = (tick + (int64_t)c) % (int64_t)rule->every == 0;
  bool news = silent ? (int)q->provenance != 0 && !is_measured(q->provenance)
                     : turn || !is_known(q, now);
  struct vr_quality_due due = {
      news, news && has_fit(q, now, rule),
      news && (now->wide || q->wide || rule->measured_too)};
  if (news || silent) {
    *q = *now;
    q->published = true;
  }
  return due;
}

void vr_live_quality_forget(struct vr_quality *qualities) {
  for (int c = 0; c < VR_COUNTERS; c++)
    qualities[c].published = false;
}
