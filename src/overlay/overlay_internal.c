/* SPDX-License-Identifier: MIT */
#include "overlay/overlay_internal.h"

#include <string.h>
#include <time.h>

int64_t vr_overlay_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct vr_lan *vr_overlay_lan(struct vr_overlay *o, uint32_t vni) {
  for (size_t i = 0; i < o->options.n_lans; i++)
    if (o->options.lans[i].vni == vni)
      return &o->options.lans[i];
  return NULL;
}

bool vr_overlay_is_here(const struct vr_overlay *o,
                        const struct vr_location *l) {
  return strcmp(l->host, o->options.self) == 0;
}
