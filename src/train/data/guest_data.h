/* SPDX-License-Identifier: MIT
 *
 * Data of one guest, ready for estimation: what the guest said of itself and
 * what its hypervisor host saw, on one grid, the clocks aligned.
 */
#ifndef VR_TRAIN_DATA_GUEST_DATA_H
#define VR_TRAIN_DATA_GUEST_DATA_H

#include "train/data/pairs.h"
#include "train/data/reader.h"
#include "train/data/sources.h"

/* What the caller asks for; NAN where it does not care. */
struct vr_span {
  double begin, end; /* seconds since the epoch */
  double step;       /* seconds */
  double warm_up;    /* seconds before begin to read too, if recorded so */
};

/* When the guest's collectd samples, seen from the host's: the guest's row at
 * time t shows what the host's rows show at t - seconds. */
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
  double vcpus, gib;               /* latest known size; NAN if unknown */
  struct vr_timeline grid;
  struct vr_reader *reader;
  struct vr_clock clock;
  double *y[VR_COUNTERS]; /* truth in the counter's unit, NULL: absent */
  double **u; /* one column a source, at the truth's time; NULL: absent */
};

/* Reads the data of PAIR within SPAN. Of files that cannot be read the others
 * are used. Returns 0;
 * -ENODATA if the span has none of host or guest; another negative errno. */
int vr_data_guest_load(const struct vr_archive *archive,
                       const struct vr_pair *pair, const struct vr_span *span,
                       struct vr_guest_data *ret_data,
                       struct vr_error *ret_error);
void vr_data_guest_clear(struct vr_guest_data *d);

/* X, a column of the reader, at the truth's time into RET (grid rows each). */
void vr_data_guest_align(const struct vr_guest_data *d, const double *x,
                         double *ret);

/* INPUT at the truth's time into RET (grid rows). Errors: vr_reader_input. */
int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret);

#endif
