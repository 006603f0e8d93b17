/* SPDX-License-Identifier: MIT
 *
 * Graphs of the patterns that are looked for by placing members on positions.
 */
#ifndef VR_TOPOLOGY_TEMPLATE_H
#define VR_TOPOLOGY_TEMPLATE_H

#include "topology/topology.h"

#include <stdbool.h>
#include <stdint.h>

struct vr_template {
  enum vr_topology kind;
  unsigned n;
  unsigned side; /* smaller side of a mesh, torus or bipartite graph, else 0 */
  unsigned n_edges;
  uint64_t
      adjacent[VR_TOPOLOGY_MEMBERS]; /* bit j of [i]: i and j are one edge */
  uint8_t degree[VR_TOPOLOGY_MEMBERS];
  uint8_t neighbour[VR_TOPOLOGY_MEMBERS][VR_TOPOLOGY_MEMBERS];
  double labellings; /* natural logarithm of the number of different graphs
                        that come about by naming its positions */
};

enum vr_tree { VR_TREE_BINARY, VR_TREE_BINOMIAL };

/* Each returns whether there is such a graph of N positions (at most
 * VR_TOPOLOGY_MEMBERS). SIDE must divide N, or be below it for a bipartite
 * graph. */
bool vr_template_all_to_all(unsigned n, struct vr_template *ret);
bool vr_template_star(unsigned n, struct vr_template *ret);
bool vr_template_ring(unsigned n, struct vr_template *ret);
bool vr_template_bus(unsigned n, struct vr_template *ret);
bool vr_template_tree(enum vr_tree tree, unsigned n, struct vr_template *ret);
bool vr_template_mesh(unsigned n, unsigned side, struct vr_template *ret);
bool vr_template_torus(unsigned n, unsigned side, struct vr_template *ret);
bool vr_template_hypercube(unsigned n, struct vr_template *ret);
bool vr_template_bipartite(unsigned n, unsigned side, struct vr_template *ret);

/* Those among which a search is needed, each graph once: ring, bus, the two
 * regular trees, meshes, tori, hypercube. Room for VR_TEMPLATES. */
enum { VR_TEMPLATES = 16 };
unsigned vr_template_list(unsigned n, struct vr_template *ret_list);

#endif
