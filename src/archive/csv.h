/* SPDX-License-Identifier: MIT
 *
 * Series of collectd's csv plugin: one text file a day, or one in all (FileDate
 * false), "epoch" and one column a data source. Counters stand there as rates
 * or, with StoreRates off, as what the counter showed; each stretch counts as
 * what it is.
 */
#ifndef VR_ARCHIVE_CSV_H
#define VR_ARCHIVE_CSV_H

#include "archive/archive.h"

/* From the first sample to the last; the step is the samples' median distance,
 * in whole seconds. Errors as vr_archive_extent(). */
int vr_csv_extent(const struct vr_archive_file *file,
                  struct vr_extent *ret_extent, struct vr_error *ret_error);

/* Reads FILE on GRID through the resampler that the live stream uses. */
int vr_csv_fetch(const struct vr_archive_file *file,
                 const struct vr_timeline *grid, struct vr_history *ret_history,
                 struct vr_error *ret_error);

#endif
