/* SPDX-License-Identifier: MIT */
#include "train/evaluate/score_models.h"

#include "train/data/sources.h"

#include <fnmatch.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* What a model may be wanted as. */
static bool is_inferred(const struct vr_model *m) {
  return m->provenance == VR_INFERRED;
}
static bool is_of_vm_process(const struct vr_model *m) {
  return is_inferred(m) && vr_sources_of(m) == VR_VM_PROCESS;
}
static bool has_gain(const struct vr_model *m) { return m->baseline.has_gain; }
static bool has_mean(const struct vr_model *m) {
  return isfinite(m->baseline.mean);
}

/* The first model of SET about this counter of this guest that IS what is
 * wanted: its own before one for every guest. */
static const struct vr_model *model_for(const struct vr_model_set *set,
                                        const struct vr_guest_data *d,
                                        enum vr_counter c,
                                        bool (*is)(const struct vr_model *)) {
  const struct vr_model *found = NULL;
  for (size_t i = 0; i < set->n_models; i++) {
    const struct vr_model *m = &set->models[i];
    if (m->counter != c || !is(m) || fnmatch(m->guest, d->guest, 0) != 0 ||
        (m->accelerator != VR_ACCEL_ANY && m->accelerator != d->accelerator))
      continue;
    if (strcmp(m->guest, d->guest) == 0)
      return m;
    if (!found)
      found = m;
  }
  return found;
}

struct vr_score_models vr_score_models_for(const struct vr_model_set *set,
                                           const struct vr_guest_data *d,
                                           enum vr_counter c) {
  struct vr_score_models m = {.model = model_for(set, d, c, is_of_vm_process),
                              .best = model_for(set, d, c, is_inferred),
                              .baseline = model_for(set, d, c, has_gain)};
  if (!m.baseline)
    m.baseline = model_for(set, d, c, has_mean);
  return m;
}
