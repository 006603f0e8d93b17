/* SPDX-License-Identifier: MIT
 *
 * How much history a model of a counter needs before its fit is to be believed.
 */
#ifndef VR_TRAIN_REPORT_NEEDED_HISTORY_H
#define VR_TRAIN_REPORT_NEEDED_HISTORY_H

#include "model/model.h"

/* Rows of a longer step than this are too coarse for a dynamic model: laws and
 * static gains alone are learned from them. Seconds. */
#define VR_NEEDED_LONGEST_STEP 10.0

/* Seconds of a guest's own values, in rows of STEP seconds, that a model of
 * counter C is to be learned from; 0 for a counter that is not trained. A rule
 * of experience: the counter's memory times a number of memories. docs/
 * evaluation.md has the measurement. */
double vr_needed_seconds(enum vr_counter c, double step);

/* How many more seconds counter C needs of which KNOWN seconds are there: what
 * the rule asks for; and where that has had its due and the model IS_UNSURE all
 * the same, as much again. */
double vr_needed_missing(enum vr_counter c, double step, double known,
                         bool is_unsure);

/* The same for M, which was estimated on its own guest; 0 where it is published
 * by a target with MinFit = MIN_FIT, and where history is not what it lacks. */
double vr_needed_by(const struct vr_model *m, double min_fit);

/* "12 more minutes", "2.5 more hours": SECONDS above 0, rounded up. */
void vr_needed_text(double seconds, char *ret, size_t size);

#endif
