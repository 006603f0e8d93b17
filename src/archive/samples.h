/* SPDX-License-Identifier: MIT
 *
 * The samples of one series at whatever times they were taken, as archives keep
 * them that do not consolidate.
 */
#ifndef VR_ARCHIVE_SAMPLES_H
#define VR_ARCHIVE_SAMPLES_H

#include "archive/archive.h"
#include "signal/resample.h"

/* What one cell holds: what a counter showed, or a rate or a level. Either may
 * stand in one series, where an option was changed. */
enum vr_samples_form { VR_SAMPLES_UNKNOWN, VR_SAMPLES_COUNT, VR_SAMPLES_VALUE };

struct vr_samples_cell {
  enum vr_samples_form form;
  union vr_number number; /* derive of a COUNT, gauge of a VALUE */
};

struct vr_samples {
  size_t n_ds;
  char **ds;
  size_t n, room_times, room_cells;
  vr_time *times;                /* rising */
  struct vr_samples_cell *cells; /* sample i, data source d at i * n_ds + d */
};

void vr_samples_clear(struct vr_samples *s);

/* Makes room for N samples. Returns 0 or -ENOMEM. */
int vr_samples_grow(struct vr_samples *s, size_t n);

#endif
