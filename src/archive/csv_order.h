/* SPDX-License-Identifier: MIT
 *
 * A csv file of a machine whose clock was set: samples that are not in their
 * place.
 */
#ifndef VR_ARCHIVE_CSV_ORDER_H
#define VR_ARCHIVE_CSV_ORDER_H

#include "signal/resample.h"

#include <stddef.h>

/* Of N samples with these TIMES the most that are one later than the other, so
 * that some which a wrong clock has dated cost themselves only: *ret_kept are
 * their indices (the caller's to free), *ret_n how many. Returns 0 or -ENOMEM.
 */
int vr_csv_order(const vr_time *times, size_t n, size_t **ret_kept,
                 size_t *ret_n);

#endif
