/* SPDX-License-Identifier: MIT
 *
 * What training found, in all detail, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_GUEST_REPORT_H
#define VR_TRAIN_REPORT_GUEST_REPORT_H

#include "train/evaluate/diagnose_guest.h"

#include <jansson.h>
#include <stdio.h>

/* Prints the table of one guest, every model with what correlation analysis
 * shows of it. MIN_FIT decides on the verdict. */
void vr_report_guest(const struct vr_guest_result *r,
                     const struct vr_guest_diagnoses *x, double min_fit,
                     FILE *f);

/* M's structure in a word and its orders, "arx(1; 2,0)", to RET. */
void vr_report_structure(const struct vr_model *m, char *ret, size_t size);

/* The guest's report as an object; NULL when out of memory. */
json_t *vr_report_guest_json(const struct vr_guest_result *r,
                             const struct vr_guest_diagnoses *x,
                             double min_fit);

#endif
