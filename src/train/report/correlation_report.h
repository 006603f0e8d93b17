/* SPDX-License-Identifier: MIT
 *
 * Correlation analysis for machines, the same in every report.
 */
#ifndef VR_TRAIN_REPORT_CORRELATION_REPORT_H
#define VR_TRAIN_REPORT_CORRELATION_REPORT_H

#include "sysid/residual.h"
#include "sysid/xcorr.h"

#include <jansson.h>

/* Delay, peak, correlations and impulse response with their 99 % bands. */
json_t *vr_report_xcorr_json(const struct vr_xcorr *x, const char *input);

/* Whiteness, and the correlation with each of the N inputs, named INPUTS. */
json_t *vr_report_residual_test_json(const struct vr_residual_test *t,
                                     unsigned n, const char *const *inputs);

#endif
