/* SPDX-License-Identifier: MIT
 *
 * Data of one guest, ready for estimation: what the guest sent of itself and
 * what its hypervisor host saw, on one grid, the clocks aligned.
 */
#ifndef VR_TRAIN_DATA_GUEST_DATA_H
#define VR_TRAIN_DATA_GUEST_DATA_H

#include "train/data/reader.h"
#include "train/data/sources.h"

/* How far the guest's clock is ahead of the host's: the guest's row at time t
 * shows what the host's rows show at t - seconds. Negative: it lags. */
struct vr_clock {
  double seconds, standard_error;
  size_t pairs; /* how many counters it was estimated on; 0: not known */
};

/* The truth stays as the guest recorded it. What the host recorded is
 * interpolated at the guest's sampling times: for a linear model, whose output
 * for delayed inputs is its delayed output, estimating so is the same as
 * comparing the live model's output between its rows, and no variance of the
 * truth is lost. */
struct vr_guest_data {
  char *host, *guest;
  char *truth;                     /* NULL: none, and no y and no clock */
  enum vr_accelerator accelerator; /* VR_ACCEL_ANY if it was not recorded */
  enum vr_steal_clock steal_clock;
  double vcpus, gib; /* latest known size; NAN if unknown */
  struct vr_timeline grid;
  struct vr_reader *reader;
  struct vr_clock clock;
  double *y[VR_COUNTERS]; /* truth in the counter's unit, NULL: absent */
  double **u; /* one column a source, at the truth's time; NULL: absent */
};

void vr_data_guest_clear(struct vr_guest_data *d);

/* X, a column of the reader, at the truth's time into RET (grid rows each). */
void vr_data_guest_align(const struct vr_guest_data *d, const double *x,
                         double *ret);

/* INPUT at the truth's time into RET (grid rows). Errors: vr_reader_input. */
int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret);

#endif
