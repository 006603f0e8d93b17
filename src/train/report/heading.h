/* SPDX-License-Identifier: MIT
 *
 * Whose report it is, and of what time.
 */
#ifndef VR_TRAIN_REPORT_HEADING_H
#define VR_TRAIN_REPORT_HEADING_H

#include "train/data/guest_data.h"

#include <stdio.h>

/* SECONDS since the epoch, as date and time of UTC, without its name. */
void vr_report_print_time(double seconds, FILE *f);

/* "62 minutes", "3.3 hours": SECONDS, rounded, at least a minute. */
void vr_report_length(double seconds, char *ret, size_t size);

/* One line: guest, host, rows, from when to when; one more where the truth was
 * introspected. */
void vr_report_heading(const struct vr_guest_data *d, FILE *f);

/* A second one: size, accelerator, clock. */
void vr_report_guest_size(const struct vr_guest_data *d, FILE *f);

#endif
