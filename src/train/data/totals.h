/* SPDX-License-Identifier: MIT
 *
 * Sums and means of series with gaps, and the ratio of the sums of two that
 * show the same, a fraction of a second apart.
 */
#ifndef VR_TRAIN_DATA_TOTALS_H
#define VR_TRAIN_DATA_TOTALS_H

#include <stddef.h>

/* Mean of those of the ROWS values that are known; NAN when none is. */
double vr_totals_mean_of_known(const double *x, size_t rows);

/* Sum of YHAT over sum of Y, rates or levels of the seconds FIRST .. ROWS - 1,
 * where both are known. A burst that an end of the span cuts through lies half
 * in one and not in the other, for their samples are taken at different
 * moments; so the sums begin at the last row before the span, else the first in
 * it, and end at the last row in it in which both are quiet (below a twentieth
 * of their means), where at least half of the span is left. NAN when the sum of
 * Y is not positive. */
double vr_totals_ratio(const double *y, const double *yhat, size_t first,
                       size_t rows);

#endif
