/* SPDX-License-Identifier: MIT
 *
 * How two directories of models do on the same recorded time.
 */
#ifndef VR_TRAIN_REPORT_SETS_REPORT_H
#define VR_TRAIN_REPORT_SETS_REPORT_H

#include "train/evaluate/compare_sets.h"

#include <jansson.h>
#include <stdio.h>

/* The table's first lines: which directory is which. */
void vr_report_sets_heading(const char *const names[2], FILE *f);

/* One row for each counter that the guest sent. */
void vr_report_sets_print(const struct vr_sets_guest *g, FILE *f);

/* The guest's rows as an object; NULL when out of memory. */
json_t *vr_report_sets_json(const struct vr_sets_guest *g);

#endif
