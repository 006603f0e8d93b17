/* SPDX-License-Identifier: MIT
 *
 * How models of either truth compare, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_COMPARE_REPORT_H
#define VR_TRAIN_REPORT_COMPARE_REPORT_H

#include "train/evaluate/compare_truths.h"

#include <jansson.h>
#include <stdio.h>

void vr_report_compare(const struct vr_compare *c, FILE *f);

/* The same as an object; NULL when out of memory. */
json_t *vr_report_compare_json(const struct vr_compare *c);

#endif
