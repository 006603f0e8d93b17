/* SPDX-License-Identifier: MIT
 *
 * What pooling found, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_POOL_REPORT_H
#define VR_TRAIN_REPORT_POOL_REPORT_H

#include "train/fit/pool.h"

#include <jansson.h>
#include <stdio.h>

/* One row for each counter, with the fit on guests that were left out; MIN_FIT
 * decides on the verdict. Returns how many would be published. */
size_t vr_report_pool_rows(const struct vr_pool *p, double min_fit, FILE *f);

/* The table of P, in full. */
void vr_report_pool_print(const struct vr_pool *p, double min_fit, FILE *f);

/* The same as an object; NULL when out of memory. */
json_t *vr_report_pool_json(const struct vr_pool *p, double min_fit);

#endif
