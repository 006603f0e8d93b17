/* SPDX-License-Identifier: MIT
 *
 * Models from parameters, and back.
 */
#ifndef VR_SYSID_ARX_BUILD_H
#define VR_SYSID_ARX_BUILD_H

#include "model/arx.h"
#include "sysid/dataset.h"

/* A model of ORDERS from parameters in info.se's order, with THETA[k - 1] =
 * a_k. -ENOMEM. */
int vr_sysid_arx_from_parameters(const struct vr_orders *orders,
                                 const double *theta, struct vr_arx *ret_arx);
/* The orders of a model; NB and NK hold arx->nu values, which *ret uses. */
void vr_sysid_orders_of_arx(const struct vr_arx *arx, unsigned *nb,
                            unsigned *nk, struct vr_orders *ret);
int vr_sysid_arx_copy(const struct vr_arx *arx, struct vr_arx *ret);

#endif
