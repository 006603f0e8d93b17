/* SPDX-License-Identifier: MIT
 *
 * What becomes of a model, in words.
 */
#ifndef VR_TRAIN_REPORT_VERDICT_H
#define VR_TRAIN_REPORT_VERDICT_H

#include "model/model.h"

/* Will the target with MinFit = MIN_FIT publish M (model/publishable.h), and
 * why or why not? */
const char *vr_report_verdict(const struct vr_model *m, double min_fit);

#endif
