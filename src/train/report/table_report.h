/* SPDX-License-Identifier: MIT
 *
 * The fit of a table, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_TABLE_REPORT_H
#define VR_TRAIN_REPORT_TABLE_REPORT_H

#include "train/table/table_result.h"

#include <jansson.h>
#include <stdio.h>

void vr_report_table(const struct vr_table_fit *f, FILE *to);

/* The same as an object; NULL when out of memory. In table_json.c. */
json_t *vr_report_table_json(const struct vr_table_fit *f);

#endif
