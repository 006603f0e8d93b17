/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-invert.h"

#include "model/load_filter.h"

static double decay(void) {
  return vr_load_filter_decay(VR_LOAD_1MIN, VR_TOOLS_LOAD_STEP);
}

double vr_tools_invert_back(double load, double n) {
  return decay() * load + (1 - decay()) * n;
}

double vr_tools_invert(struct vr_tools_inverse *s, double load) {
  double n = (load - decay() * s->load) / (1 - decay());
  if (n < -1e-9)
    s->fast++;
  if (n > s->most)
    s->too_many++;
  n = n < 0 ? 0 : n > s->most ? s->most : n;
  s->load = vr_tools_invert_back(s->load, n);
  return n;
}
