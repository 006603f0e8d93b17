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

/* The same of a definition whose counter an estimated model gives better. */
#define VR_VERDICT_GAVE_WAY                                                    \
  "not published: it gives way to the inferred model, which is clearly better"

/* The same with what M needs: "not published: ..., 12 more minutes needed". */
enum { VR_VERDICT_SIZE = 128 };
void vr_report_verdict_needs(const struct vr_model *m, double min_fit,
                             char text[static VR_VERDICT_SIZE]);

/* Why nothing was published by M, the guest's model of a counter (NULL: there
 * is none), to follow "no, ": its history is too short, or else. */
void vr_report_reason(const struct vr_model *m, double min_fit,
                      char text[static VR_VERDICT_SIZE]);

#endif
