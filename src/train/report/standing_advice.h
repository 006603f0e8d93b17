/* SPDX-License-Identifier: MIT
 *
 * What an operator can do for a counter that is not well known.
 */
#ifndef VR_TRAIN_REPORT_STANDING_ADVICE_H
#define VR_TRAIN_REPORT_STANDING_ADVICE_H

#include "train/report/standing.h"

/* Prints ": " and what would help counter C of R, which stands as S says;
 * nothing where nothing is to be done, or more history alone. */
void vr_standing_advise(const struct vr_guest_result *r, enum vr_counter c,
                        const struct vr_standing *s, FILE *f);

#endif
