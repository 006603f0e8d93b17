/* SPDX-License-Identifier: MIT
 *
 * A counter's value at edges of time (multiples of a window), from readings at
 * other times: between two readings it is taken to rise evenly, and how much it
 * may have risen between an edge and the nearer reading is kept beside it.
 */
#ifndef VR_TOPOLOGY_EDGES_H
#define VR_TOPOLOGY_EDGES_H

#include "signal/resample.h"

#include <stdbool.h>

enum { VR_EDGES = 8, VR_EDGES_UNITS = 3 };

/* Several counters, which are read together. [0]: sent, [1]: received. */
struct vr_edges_reading {
  vr_time time;  /* 0: none */
  unsigned have; /* bit 2 * unit + direction */
  int64_t count[VR_EDGES_UNITS][2];
};

struct vr_edges_edge {
  int64_t number; /* of the window that ends here, since 1970; 0: none */
  unsigned have;
  double value[VR_EDGES_UNITS][2], slack[VR_EDGES_UNITS][2];
};

/* All zero: nothing is known. */
struct vr_edges {
  struct vr_edges_reading last, next; /* NEXT is not complete yet */
  struct vr_edges_edge edge[VR_EDGES];
};

/* Takes one counter, which is not negative, of the reading at TIME; later than
 * MAX_GAP after the last one all is forgotten, as where a counter falls. */
void vr_edges_take(struct vr_edges *e, vr_time time, int unit, int direction,
                   int64_t count, vr_time window, vr_time max_gap);

/* NULL if it is not known. */
const struct vr_edges_edge *vr_edges_at(const struct vr_edges *e,
                                        int64_t number);

#endif
