/* SPDX-License-Identifier: MIT */
#include "topology/topology.h"

#include "basic/text.h"

static const char *const names[VR_TOPOLOGIES] = {
    [VR_TOPOLOGY_NONE] = "none",
    [VR_TOPOLOGY_IRREGULAR] = "irregular",
    [VR_TOPOLOGY_ALL_TO_ALL] = "all-to-all",
    [VR_TOPOLOGY_STAR] = "star",
    [VR_TOPOLOGY_RING] = "ring",
    [VR_TOPOLOGY_BUS] = "bus",
    [VR_TOPOLOGY_TREE] = "tree",
    [VR_TOPOLOGY_MESH] = "mesh",
    [VR_TOPOLOGY_TORUS] = "torus",
    [VR_TOPOLOGY_HYPERCUBE] = "hypercube",
    [VR_TOPOLOGY_BIPARTITE] = "bipartite",
};

const char *vr_topology_name(enum vr_topology t) {
  return (unsigned)t < VR_TOPOLOGIES ? names[t] : names[0];
}

/* What a graph of N members that we call T is called as well. */
static const struct {
  enum vr_topology t;
  unsigned n, side;
  const char *others;
} same[] = {
    {VR_TOPOLOGY_ALL_TO_ALL, 2, 0, "star of 2, bus of 2, tree, bipartite 1,1"},
    {VR_TOPOLOGY_ALL_TO_ALL, 3, 0, "ring of 3"},
    {VR_TOPOLOGY_STAR, 3, 0, "bus of 3, tree, bipartite 1,2"},
    {VR_TOPOLOGY_RING, 4, 0, "hypercube 2, torus 2x2, mesh 2x2, bipartite 2,2"},
    {VR_TOPOLOGY_HYPERCUBE, 8, 0, "torus 2x4"},
    {VR_TOPOLOGY_HYPERCUBE, 16, 0, "torus 4x4"},
};

void vr_topology_same(enum vr_topology t, unsigned n, unsigned side,
                      char *ret_others, unsigned size) {
  struct vr_text text = {.at = ret_others, .left = size};
  ret_others[0] = '\0';
  for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++)
    if (same[i].t == t && same[i].n == n && same[i].side == side) {
      vr_text_append(&text, "%s", same[i].others);
      return;
    }
  if (t == VR_TOPOLOGY_STAR)
    vr_text_append(&text, "tree, bipartite 1,%u", n - 1);
  else if (t == VR_TOPOLOGY_BUS && n > 3)
    vr_text_append(&text, "tree, mesh 1x%u", n);
}
