/* SPDX-License-Identifier: MIT
 *
 * Series of collectd's csv plugin: one text file a day, or one in all (FileDate
 * false), "epoch" and one column a data source. Counters stand there as rates
 * or, with StoreRates off, as what the counter showed; each stretch counts as
 * what it is: the plugin writes a counter as it stood without a decimal point,
 * and a rate or a level with one. A power failure leaves lines that were cut,
 * or runs of NUL bytes, and collectd goes on behind them: such a line is a gap,
 * and costs nothing else.
 */
#ifndef VR_ARCHIVE_CSV_H
#define VR_ARCHIVE_CSV_H

#include "archive/samples.h"

/* Reads the files of FILE in the order of their first samples. The first line
 * that is passed over is logged, once in the process's life. A file that
 * cannot be read, or has other data sources than the first, is logged and
 * passed over. Returns 0; -EINVAL or -ENODATA when no line is left; a negative
 * errno when the only file cannot be read; *ret_error filled. */
int vr_csv_read(const struct vr_archive_file *file,
                struct vr_samples *ret_samples, struct vr_error *ret_error);

#endif
