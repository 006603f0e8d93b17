/* SPDX-License-Identifier: MIT
 *
 * One RRD file through librrd: which archives it has, and their rows. Only
 * archives consolidated by AVERAGE count.
 */
#ifndef VR_ARCHIVE_RRD_H
#define VR_ARCHIVE_RRD_H

#include "archive/archive.h"

struct vr_rrd_info {
  size_t n_archives; /* at least 1 */
  struct vr_extent *archives;
};

void vr_rrd_info_clear(struct vr_rrd_info *info);

/* A file that is being written, by collectd or rrdcached, is waited for, some
 * seconds at most; so it is below.
 * Returns 0; -ENOENT if there is no such file; -EINVAL if librrd refuses it or
 * it has no AVERAGE archive. */
int vr_rrd_info(const char *path, struct vr_rrd_info *ret_info,
                struct vr_error *ret_error);

struct vr_rrd_rows {
  size_t rows, n_ds;
  double begin, step; /* time of row 0 */
  char **ds;
  double *values; /* row-major: values[row * n_ds + ds] */
};

void vr_rrd_rows_clear(struct vr_rrd_rows *rows);

/* Rows of ARCHIVE (one of vr_rrd_info()'s) that end after BEGIN and not after
 * END, as far as the archive has them. */
int vr_rrd_fetch(const char *path, const struct vr_extent *archive,
                 double begin, double end, struct vr_rrd_rows *ret_rows,
                 struct vr_error *ret_error);

#endif
