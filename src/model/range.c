/* SPDX-License-Identifier: MIT */
#include "model/range.h"

#include <math.h>

double vr_range_decay(unsigned settling) {
  unsigned ticks =
      settling > VR_EXCURSION_MEMORY ? settling : VR_EXCURSION_MEMORY;
  return exp(log(VR_EXCURSION_BACK) / ticks);
}

void vr_range_start(struct vr_range_state *e, bool outside) {
  e->share = outside;
  e->out = outside;
}

void vr_range_step(struct vr_range_state *e, double decay, bool outside) {
  e->share = decay * e->share + (1 - decay) * outside;
  if (e->share > VR_EXCURSION_OUT)
    e->out = true;
  else if (e->share < VR_EXCURSION_BACK)
    e->out = false;
}
