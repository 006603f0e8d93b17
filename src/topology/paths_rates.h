/* SPDX-License-Identifier: MIT
 *
 * What gets through over given ways: max-min fair rates by progressive filling
 * (Bertsekas, Gallager: Data Networks, 2nd edition, 6.5.2).
 */
#ifndef VR_TOPOLOGY_PATHS_RATES_H
#define VR_TOPOLOGY_PATHS_RATES_H

#include "topology/paths.h"

/* A problem with room to compute in, so that many plans can be tried. */
struct vr_paths_rates {
  const struct vr_paths *p;
  size_t *first, *on; /* the links of the direct way w: on[first[w]] ... */
  double *left;       /* of each link */
  unsigned *users;
  double *rate; /* of each flow */
  bool *done;
  uint64_t work; /* steps that were taken, in all */
};

void vr_paths_rates_clear(struct vr_paths_rates *r);

/* Returns 0 or -ENOMEM. */
int vr_paths_rates_init(struct vr_paths_rates *r, const struct vr_paths *p);

/* Bytes per second that get through in all; of each flow in R->rate. */
double vr_paths_rates_fill(struct vr_paths_rates *r, const size_t *via);

/* The links of a direct way. */
static inline const size_t *vr_paths_rates_links(const struct vr_paths_rates *r,
                                                 size_t from, size_t to,
                                                 size_t *ret_n) {
  size_t w = from * r->p->n + to;
  *ret_n = r->first[w + 1] - r->first[w];
  return r->on + r->first[w];
}

#endif
