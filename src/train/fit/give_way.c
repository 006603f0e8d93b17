/* SPDX-License-Identifier: MIT */
#include "train/fit/give_way.h"

#include "train/fit/judge.h"

#include <math.h>

bool vr_give_way_may(const struct vr_model *m, enum vr_provenance provenance,
                     double of_definition, int format) {
  return provenance == VR_DIRECT && !vr_counter_info(m->counter)->is_rate &&
         format >= VR_MODEL_FILE_VERSION && m->n_inputs > 0 && !m->withheld &&
         m->fit.free_run > of_definition + VR_JUDGE_MARGIN;
}

void vr_give_way_to(struct vr_model *m) {
  m->preferred = true;
  for (size_t i = 0; i < m->n_inputs; i++) {
    m->inputs[i].range_min = -INFINITY;
    m->inputs[i].range_max = INFINITY;
  }
}
