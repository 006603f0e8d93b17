/* SPDX-License-Identifier: MIT
 *
 * What training found, for whoever runs the host: one row for each counter, and
 * what to do.
 */
#ifndef VR_TRAIN_REPORT_OPERATOR_REPORT_H
#define VR_TRAIN_REPORT_OPERATOR_REPORT_H

#include "train/fit/train_guest.h"

#include <stdio.h>

/* All guests of one run together. */
struct vr_operator_totals {
  size_t guests, counters, published;
  double missing; /* seconds of history, of the counter that lacks most */
};

/* The rows of one guest, for a target with MinFit = MIN_FIT. */
void vr_operator_rows(const struct vr_guest_result *r, double min_fit, FILE *f);

/* Counts R into TOTALS, which begin as zeros. */
void vr_operator_count(const struct vr_guest_result *r, double min_fit,
                       struct vr_operator_totals *totals);

/* The last line: what was done, that the file NAME (NULL: none) was written to
 * DIRECTORY, and what to do next. */
void vr_operator_sum_up(const struct vr_operator_totals *totals,
                        const char *directory, const char *name, FILE *f);

#endif
