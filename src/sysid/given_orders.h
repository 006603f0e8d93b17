/* SPDX-License-Identifier: MIT
 *
 * Orders that are given, not chosen: one nb and nk for all inputs, or one for
 * each.
 */
#ifndef VR_SYSID_GIVEN_ORDERS_H
#define VR_SYSID_GIVEN_ORDERS_H

#include "sysid/dataset.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_MAX_ORDER_LIST = 64 };

/* One nb or nk stands for every input's. */
struct vr_given_orders {
  bool given;
  unsigned na;
  unsigned nb[VR_MAX_ORDER_LIST], nk[VR_MAX_ORDER_LIST];
  size_t n_nb, n_nk; /* 1 at least */
};

/* The reference orders (20, 17, 50): those of the work that this one
 * continues. */
extern const struct vr_given_orders vr_given_reference_orders;

/* GIVEN for NU inputs, at most VR_MAX_ORDER_LIST; NB and NK hold NU values,
 * which the result uses. */
struct vr_orders vr_given_orders_of(const struct vr_given_orders *given,
                                    unsigned nu, unsigned *nb, unsigned *nk);

#endif
