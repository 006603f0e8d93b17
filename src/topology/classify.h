/* SPDX-License-Identifier: MIT
 *
 * The pattern of one application by shortest description: a pattern is named
 * when saying "a ring, in this order" and then the rates of its pairs takes
 * less than saying which pairs exchange traffic one by one ("irregular").
 */
#ifndef VR_TOPOLOGY_CLASSIFY_H
#define VR_TOPOLOGY_CLASSIFY_H

#include "topology/topology.h"

#include <stdint.h>

struct vr_classifier;

/* NULL without memory. One classifier serves one thread at a time. */
struct vr_classifier *vr_classify_new(void);
void vr_classify_free(struct vr_classifier *c);
void vr_classify_freep(struct vr_classifier **c);

struct vr_classification {
  enum vr_topology topology;
  unsigned n;
  unsigned side;     /* smaller side of a mesh, torus or bipartite graph */
  double confidence; /* percent: how far the others are behind */
  enum vr_topology second;
  /* The pairs that the pattern consists of: bit j of [i]. */
  uint64_t adjacent[VR_TOPOLOGY_MEMBERS];
};

/* RATE: n x n, row-major, bytes per second from row to column. N from 2 to
 * VR_TOPOLOGY_MEMBERS; without traffic, or with another N, the answer is
 * VR_TOPOLOGY_NONE (IRREGULAR for more members). */
void vr_classify(struct vr_classifier *c, const double *rate, unsigned n,
                 struct vr_classification *ret);

#endif
