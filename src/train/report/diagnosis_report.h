/* SPDX-License-Identifier: MIT
 *
 * What correlation analysis shows of a model, for people and for machines.
 */
#ifndef VR_TRAIN_REPORT_DIAGNOSIS_REPORT_H
#define VR_TRAIN_REPORT_DIAGNOSIS_REPORT_H

#include "train/evaluate/diagnosis.h"

#include <jansson.h>
#include <stdio.h>

/* Lines below the model's own; STEP in seconds. */
void vr_report_diagnosis(const struct vr_diagnosis *x, double step, FILE *f);

/* {"poles": …, "zeros": …, "correlation": …, "residuals": …}; NULL when out of
 * memory. */
json_t *vr_report_diagnosis_json(const struct vr_diagnosis *x);

#endif
