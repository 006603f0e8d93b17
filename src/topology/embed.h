/* SPDX-License-Identifier: MIT
 *
 * Places members on the positions of a template so that its edges carry as
 * much weight as can be found: exact where the graph is clean, local search
 * where it is not. The same input always gives the same answer.
 */
#ifndef VR_TOPOLOGY_EMBED_H
#define VR_TOPOLOGY_EMBED_H

#include "topology/template.h"

/* WEIGHT: n x n, symmetric, row-major. Fills RET_MEMBER (position -> member)
 * and returns the weight of all edges. */
double vr_embed_template(const struct vr_template *t, const double *weight,
                         uint8_t *ret_member);

/* The heaviest tree over N members: RET_PARENT[i] for i > 0 in the order of
 * RET_ORDER. Returns its weight. */
double vr_embed_tree(unsigned n, const double *weight, uint8_t *ret_order,
                     uint8_t *ret_parent);

/* The heaviest cut: RET_SIDE says which members are on the one side (bits).
 * Local search. Returns the weight of the pairs that are cut. */
double vr_embed_cut(unsigned n, const double *weight, uint64_t *ret_side);

#endif
