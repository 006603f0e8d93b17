/* SPDX-License-Identifier: MIT
 *
 * The patterns in which the members of an application exchange traffic. The
 * numbers are those of the series gauge-pattern: they never change.
 */
#ifndef VR_TOPOLOGY_TOPOLOGY_H
#define VR_TOPOLOGY_TOPOLOGY_H

enum vr_topology {
  VR_TOPOLOGY_NONE = 0,       /* no traffic, or not enough windows yet */
  VR_TOPOLOGY_IRREGULAR = 1,  /* none of those below */
  VR_TOPOLOGY_ALL_TO_ALL = 2, /* every pair */
  VR_TOPOLOGY_STAR = 3,       /* one with all others */
  VR_TOPOLOGY_RING = 4,       /* each with two, closed */
  VR_TOPOLOGY_BUS = 5,        /* a chain: a ring that is open */
  VR_TOPOLOGY_TREE = 6,       /* connected without a cycle */
  VR_TOPOLOGY_MESH = 7,       /* grid of two dimensions */
  VR_TOPOLOGY_TORUS = 8,      /* the grid, closed in both dimensions */
  VR_TOPOLOGY_HYPERCUBE = 9,  /* 2^d members, each with d */
  VR_TOPOLOGY_BIPARTITE =
      10, /* two sides: every member with all of the other */
};

enum {
  VR_TOPOLOGIES = 11,
  VR_TOPOLOGY_MEMBERS = 64, /* most members of one application */
};

/* "ring"; "none" for a number that is none of them. */
const char *vr_topology_name(enum vr_topology t);

/* Some patterns are one graph: a ring of 4 is a hypercube of dimension 2, a
 * torus 2x2, a mesh 2x2 and bipartite with 2 and 2. Such a graph always gets
 * the same name. *ret_others (room for SIZE bytes) lists the other names that
 * it could have, "hypercube 2, torus 2x2"; "" if there is none. SIDE is the
 * smaller side of a mesh, torus or bipartite graph, else 0. */
void vr_topology_same(enum vr_topology t, unsigned n, unsigned side,
                      char *ret_others, unsigned size);

#endif
