/* SPDX-License-Identifier: MIT */
#include "topology/template.h"

#include <math.h>
#include <string.h>

static double log_factorial(unsigned n) { return lgamma(n + 1.0); }

static bool begin(enum vr_topology kind, unsigned n, unsigned side,
                  unsigned least, struct vr_template *t) {
  if (n < least || n > VR_TOPOLOGY_MEMBERS)
    return false;
  memset(t, 0, sizeof(*t));
  t->kind = kind;
  t->n = n;
  t->side = side;
  return true;
}

static void join(struct vr_template *t, unsigned i, unsigned j) {
  if (i == j || t->adjacent[i] >> j & 1)
    return;
  t->adjacent[i] |= UINT64_C(1) << j;
  t->adjacent[j] |= UINT64_C(1) << i;
  t->neighbour[i][t->degree[i]++] = (uint8_t)j;
  t->neighbour[j][t->degree[j]++] = (uint8_t)i;
  t->n_edges++;
}

/* AUTOMORPHISMS: the natural logarithm of how many renamings change nothing. */
static bool finish(struct vr_template *t, double automorphisms) {
  t->labellings = log_factorial(t->n) - automorphisms;
  return true;
}

bool vr_template_all_to_all(unsigned n, struct vr_template *ret) {
  if (!begin(VR_TOPOLOGY_ALL_TO_ALL, n, 0, 2, ret))
    return false;
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++)
      join(ret, i, j);
  return finish(ret, log_factorial(n));
}

bool vr_template_star(unsigned n, struct vr_template *ret) {
  if (!begin(VR_TOPOLOGY_STAR, n, 0, 3, ret))
    return false;
  for (unsigned i = 1; i < n; i++)
    join(ret, 0, i);
  return finish(ret, log_factorial(n - 1));
}

bool vr_template_ring(unsigned n, struct vr_template *ret) {
  if (!begin(VR_TOPOLOGY_RING, n, 0, 3, ret))
    return false;
  for (unsigned i = 0; i < n; i++)
    join(ret, i, (i + 1) % n);
  return finish(ret, log(2.0 * n));
}

bool vr_template_bus(unsigned n, struct vr_template *ret) {
  if (!begin(VR_TOPOLOGY_BUS, n, 0, 2, ret))
    return false;
  for (unsigned i = 1; i < n; i++)
    join(ret, i - 1, i);
  return finish(ret, M_LN2);
}

/* Positions of the binary heap of N positions below position I, with it. */
static unsigned heap_size(unsigned i, unsigned n) {
  unsigned size = 0;
  for (unsigned first = i, width = 1; first < n;
       first = 2 * first + 1, width *= 2)
    size += first + width <= n ? width : n - first;
  return size;
}

bool vr_template_tree(enum vr_tree tree, unsigned n, struct vr_template *ret) {
  /* Below that they are a bus or a star. */
  if (!begin(VR_TOPOLOGY_TREE, n, 0, tree == VR_TREE_BINARY ? 5 : 8, ret))
    return false;
  if (tree == VR_TREE_BINOMIAL) {
    if (n & (n - 1))
      return false;
    for (unsigned i = 1; i < n; i++)
      join(ret, i, i & (i - 1));
    return finish(ret, M_LN2); /* its two halves may change places */
  }
  double automorphisms = 0;
  for (unsigned i = 1; i < n; i++)
    join(ret, i, (i - 1) / 2);
  /* Two subtrees of one shape may change places. */
  for (unsigned i = 0; 2 * i + 2 < n; i++)
    if (heap_size(2 * i + 1, n) == heap_size(2 * i + 2, n))
      automorphisms += M_LN2;
  return finish(ret, automorphisms);
}

bool vr_template_mesh(unsigned n, unsigned side, struct vr_template *ret) {
  if (side < 2 || n % side || n / side < 2 ||
      !begin(VR_TOPOLOGY_MESH, n, side, 4, ret))
    return false;
  unsigned width = n / side;
  for (unsigned i = 0; i < n; i++) {
    if (i % width + 1 < width)
      join(ret, i, i + 1);
    if (i + width < n)
      join(ret, i, i + width);
  }
  return finish(ret, log(side == width ? 8 : 4));
}

bool vr_template_torus(unsigned n, unsigned side, struct vr_template *ret) {
  if (side < 2 || n % side || n / side < 2 ||
      !begin(VR_TOPOLOGY_TORUS, n, side, 4, ret))
    return false;
  unsigned width = n / side;
  for (unsigned i = 0; i < n; i++) {
    join(ret, i, i / width * width + (i + 1) % width);
    join(ret, i, (i + width) % n);
  }
  /* Rows and columns turn round and are mirrored; a ring of two has nothing
   * to mirror. */
  double symmetries = (side == 2 ? 2.0 : 4.0) * n;
  if (side == width)
    symmetries *= 2;
  if ((side == 2 && width == 4) || (side == 4 && width == 2))
    symmetries = 48; /* these are hypercubes */
  if (side == 4 && width == 4)
    symmetries = 384;
  if (n == 4)
    symmetries = 8;
  return finish(ret, log(symmetries));
}

bool vr_template_hypercube(unsigned n, struct vr_template *ret) {
  if (n & (n - 1) || !begin(VR_TOPOLOGY_HYPERCUBE, n, 0, 4, ret))
    return false;
  unsigned dimension = 0;
  for (unsigned bit = 1; bit < n; bit *= 2, dimension++)
    for (unsigned i = 0; i < n; i++)
      join(ret, i, i ^ bit);
  return finish(ret, dimension * M_LN2 + log_factorial(dimension));
}

bool vr_template_bipartite(unsigned n, unsigned side, struct vr_template *ret) {
  if (side < 1 || side >= n || !begin(VR_TOPOLOGY_BIPARTITE, n, side, 2, ret))
    return false;
  for (unsigned i = 0; i < side; i++)
    for (unsigned j = side; j < n; j++)
      join(ret, i, j);
  return finish(ret, log_factorial(side) + log_factorial(n - side) +
                         (2 * side == n ? M_LN2 : 0));
}

static unsigned list_grids(unsigned n, struct vr_template *list) {
  unsigned k = 0;
  for (unsigned side = 2; side * side <= n && k + 2 <= VR_TEMPLATES - 5;
       side++) {
    bool is_hypercube = (n == 8 && side == 2) || (n == 16 && side == 4);
    if (n == 4 || n % side)
      continue;
    k += vr_template_mesh(n, side, &list[k]);
    if (!is_hypercube)
      k += vr_template_torus(n, side, &list[k]);
  }
  return k;
}

unsigned vr_template_list(unsigned n, struct vr_template *ret_list) {
  unsigned k = 0;
  if (n < 4)
    return 0; /* star and all-to-all are all there is */
  k += vr_template_ring(n, &ret_list[k]);
  k += vr_template_bus(n, &ret_list[k]);
  k += vr_template_tree(VR_TREE_BINARY, n, &ret_list[k]);
  k += vr_template_tree(VR_TREE_BINOMIAL, n, &ret_list[k]);
  if (n > 4)
    k += vr_template_hypercube(n, &ret_list[k]);
  return k + list_grids(n, &ret_list[k]);
}
