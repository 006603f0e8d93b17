/* SPDX-License-Identifier: MIT
 *
 * What correlation analysis shows of a model.
 */
#ifndef VR_TRAIN_PAGE_FIGURE_CORRELATION_H
#define VR_TRAIN_PAGE_FIGURE_CORRELATION_H

#include "train/evaluate/diagnosis.h"
#include "train/page/figure.h"

/* Figures of X, the diagnosis of a model of counter C with rows of STEP
 * seconds: of each input the impulse response, and its cross-covariance and
 * cross-correlation with the counter; residuals; poles and zeros. */
void vr_figure_correlation(struct vr_figures *f, const struct vr_diagnosis *x,
                           enum vr_counter c, double step);

#endif
