/* SPDX-License-Identifier: MIT
 *
 * The samples of one series of collectd's csv plugin, over all its files. A
 * power failure leaves lines that were cut, or runs of NUL bytes, and collectd
 * goes on behind them: such a line is a gap, and costs nothing else.
 */
#ifndef VR_ARCHIVE_CSV_SAMPLES_H
#define VR_ARCHIVE_CSV_SAMPLES_H

#include "archive/archive.h"
#include "signal/resample.h"

/* What one cell holds: the plugin writes a counter as it stood (StoreRates
 * false) without a decimal point, and a rate or a level with one. The option
 * may change within a series. */
enum vr_csv_form { VR_CSV_UNKNOWN, VR_CSV_COUNT, VR_CSV_VALUE };

struct vr_csv_cell {
  enum vr_csv_form form;
  union vr_number number; /* derive of a COUNT, gauge of a VALUE */
};

struct vr_csv_samples {
  size_t n_ds;
  char **ds;
  size_t n, room_times, room_cells;
  vr_time *times;            /* rising */
  struct vr_csv_cell *cells; /* sample i, data source d at i * n_ds + d */
};

void vr_csv_samples_clear(struct vr_csv_samples *s);

/* Reads the files of FILE in the order of their first samples. The first line
 * that is passed over is logged, once in the process's life. A file that
 * cannot be read, or has other data sources than the first, is logged and
 * passed over. Returns 0; -EINVAL or -ENODATA when no line is left; a negative
 * errno when the only file cannot be read; *ret_error filled. */
int vr_csv_samples_read(const struct vr_archive_file *file,
                        struct vr_csv_samples *ret_samples,
                        struct vr_error *ret_error);

#endif
