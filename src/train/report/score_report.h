/* SPDX-License-Identifier: MIT
 *
 * Scores for people and for machines, and the series behind them as files.
 */
#ifndef VR_TRAIN_REPORT_SCORE_REPORT_H
#define VR_TRAIN_REPORT_SCORE_REPORT_H

#include "train/evaluate/score.h"

#include <jansson.h>
#include <stdio.h>

/* MIN_FIT is that of the target: what it does not publish has a reason, and
 * often needs a longer history. The set of models is still there. */
void vr_report_score_print(const struct vr_guest_score *s, double min_fit,
                           FILE *f);
json_t *vr_report_score_json(const struct vr_guest_score *s, double min_fit);

/* A struct vr_score_export's write: DIRECTORY (a char *)/GUEST-COUNTER.tsv. */
int vr_report_score_export(void *directory,
                           const struct vr_score_series *series,
                           struct vr_error *ret_error);

#endif
