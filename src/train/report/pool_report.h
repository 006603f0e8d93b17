/* SPDX-License-Identifier: MIT
 *
 * What pooling found, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_POOL_REPORT_H
#define VR_TRAIN_REPORT_POOL_REPORT_H

#include "train/fit/pool.h"

#include <jansson.h>
#include <stdio.h>

/* The table of P; MIN_FIT decides on the verdict. */
void vr_report_pool_print(const struct vr_pool *p, double min_fit, FILE *f);

/* The same as an object; NULL when out of memory. */
json_t *vr_report_pool_json(const struct vr_pool *p, double min_fit);

#endif
