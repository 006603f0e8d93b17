/* SPDX-License-Identifier: MIT
 *
 * A placement that no sequence of helpful steps leads to, by annealing.
 */
#ifndef VR_TOPOLOGY_ADVICE_ANNEAL_H
#define VR_TOPOLOGY_ADVICE_ANNEAL_H

#include "topology/advice_state.h"

#include <stdint.h>

/* Begins at S, which is changed, and passes through allowed placements only.
 * RET_HOST receives the host of each guest of the best one; a guest that has
 * left where it runs must be worth LEAST bytes per second. The same SEED
 * always gives the same answer. */
void vr_advice_anneal(struct vr_advice_state *s, double least, uint64_t seed,
                      size_t *ret_host);

#endif
