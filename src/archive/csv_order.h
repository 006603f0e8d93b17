/* SPDX-License-Identifier: MIT
 *
 * A csv file of a machine whose clock was set: samples that are not in their
 * place.
 */
#ifndef VR_ARCHIVE_CSV_ORDER_H
#define VR_ARCHIVE_CSV_ORDER_H

#include "archive/csv_samples.h"

/* Leaves the most samples of S that are one later than the other, so that some
 * which a wrong clock has dated cost themselves only. Returns 0 or -ENOMEM. */
int vr_csv_order(struct vr_csv_samples *s);

#endif
