/* SPDX-License-Identifier: MIT */
#include "sysid/given_orders.h"

const struct vr_given_orders vr_given_reference_orders = {
    .given = true, .na = 20, .nb = {17}, .nk = {50}, .n_nb = 1, .n_nk = 1};

struct vr_orders vr_given_orders_of(const struct vr_given_orders *given,
                                    unsigned nu, unsigned *nb, unsigned *nk) {
  for (unsigned i = 0; i < nu; i++) {
    nb[i] = given->nb[i < given->n_nb ? i : given->n_nb - 1];
    nk[i] = given->nk[i < given->n_nk ? i : given->n_nk - 1];
  }
  return (struct vr_orders){.na = given->na, .nu = nu, .nb = nb, .nk = nk};
}
