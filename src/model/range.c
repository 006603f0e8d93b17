/* SPDX-License-Identifier: MIT */
#include "model/range.h"

#include <math.h>

double vr_range_decay(unsigned settling) {
  unsigned ticks = settling > VR_RANGE_MEMORY ? settling : VR_RANGE_MEMORY;
  return exp(log(VR_RANGE_BACK) / ticks);
}

void vr_range_start(struct vr_range_state *r, bool outside) {
  r->fraction = outside;
  r->out = outside;
}

void vr_range_step(struct vr_range_state *r, double decay, bool outside) {
  r->fraction = decay * r->fraction + (1 - decay) * outside;
  if (r->fraction > VR_RANGE_OUT)
    r->out = true;
  else if (r->fraction < VR_RANGE_BACK)
    r->out = false;
}
