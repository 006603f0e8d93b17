/* SPDX-License-Identifier: MIT
 *
 * Which guests to move so that fewer bytes cross hosts: single moves and
 * swaps, the one that saves most per byte of memory to copy first. Each step
 * keeps every limit of the hosts that it touches, and every group apart; a
 * limit that was exceeded before is not exceeded further. Nothing is moved by
 * us.
 */
#ifndef VR_TOPOLOGY_ADVICE_H
#define VR_TOPOLOGY_ADVICE_H

#include "topology/advice_step.h"
#include "topology/placement.h"

struct vr_advice_options {
  size_t max_steps;
  /* A step is worth it from this part of all bytes on, 0 to 1. */
  double least_gain;
};

/* 12 steps, 1 percent. */
struct vr_advice_options vr_advice_defaults(void);

struct vr_advice {
  size_t n_steps;
  struct vr_advice_step *steps;
  size_t n_guests;
  size_t *host;                             /* of each guest after all steps */
  double total, crossing, crossing_advised; /* bytes per second */
  double copy;                              /* of all steps */
};

void vr_advice_clear(struct vr_advice *a);

/* The same placement always gives the same advice. Returns 0 or -ENOMEM. */
int vr_advice_find(const struct vr_placement *p,
                   const struct vr_advice_options *options,
                   struct vr_advice *ret);

/* The advice as text and as a JSON object (one line; NULL without memory). The
 * caller frees them. Names are escaped. */
char *vr_advice_text(const struct vr_placement *p, const struct vr_advice *a);
char *vr_advice_json(const struct vr_placement *p, const struct vr_advice *a);

#endif
