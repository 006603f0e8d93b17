/* SPDX-License-Identifier: MIT */
#include "model/excursion.h"

#include <math.h>

double vr_excursion_decay(unsigned settling) {
  unsigned ticks =
      settling > VR_EXCURSION_MEMORY ? settling : VR_EXCURSION_MEMORY;
  return exp(log(VR_EXCURSION_BACK) / ticks);
}

void vr_excursion_start(struct vr_excursion *e, bool outside) {
  e->share = outside;
  e->out = outside;
}

void vr_excursion_step(struct vr_excursion *e, double decay, bool outside) {
  e->share = decay * e->share + (1 - decay) * outside;
  if (e->share > VR_EXCURSION_OUT)
    e->out = true;
  else if (e->share < VR_EXCURSION_BACK)
    e->out = false;
}
