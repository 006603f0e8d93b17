/* SPDX-License-Identifier: MIT
 *
 * A model of given orders: ARX on chosen inputs by least squares with the ridge
 * of the greatest marginal likelihood, made stable.
 */
#ifndef VR_TRAIN_FIT_FIT_ORDERS_H
#define VR_TRAIN_FIT_FIT_ORDERS_H

#include "model/arx.h"
#include "sysid/given_orders.h"
#include "train/fit/choice.h"

/* Estimates ORDERS for counter C on the inputs of CHOICE and the rows of FOLDS,
 * means taken off. Poles are moved inside the unit circle where they are not,
 * and b is estimated again then. *ret_arx is released by vr_arx_clear().
 * Returns 0, or a negative errno of src/sysid with *ret_error filled. */
int vr_fit_orders_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice,
                           const struct vr_given_orders *orders, unsigned folds,
                           struct vr_arx *ret_arx, struct vr_error *ret_error);

#endif
