/* SPDX-License-Identifier: MIT
 *
 * One ARX fit of a plain table: the trainer's estimator on whatever data, with
 * every number that it gives.
 */
#ifndef VR_TRAIN_TABLE_TABLE_FIT_H
#define VR_TRAIN_TABLE_TABLE_FIT_H

#include "train/table/table_result.h"

/* Fits. ORDERS are given, or OPTIONS search. Returns 0 or a negative errno with
 * *ret_error filled; *ret_fit is released by vr_table_fit_clear(). */
int vr_table_fit(const struct vr_table_options *options,
                 const struct vr_given_orders *orders,
                 struct vr_table_fit *ret_fit, struct vr_error *ret_error);

#endif
