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
  double of_devices, of_balloon; /* the same for what is read otherwise */
  /* What is to be added in the middle of each stretch of so many seconds of the
   * grid; none: nothing */
  double stretch;
  size_t n_drift;
  double *drift;
};

/* The truth stays as the guest recorded it. What the host recorded, at the
 * finest step that it has, is taken at the guest's sampling times: for a linear
 * model, whose output for delayed inputs is its delayed output, estimating so
 * is the same as comparing the live model's output between its rows, and no
 * variance of the truth is lost. What has no step of its own and is no line, as
 * the law of CPU usage, is computed in parts of a row as long as the host's
 * step, as it is live, and the row's value is the mean of its parts. */
struct vr_guest_data {
  char *host, *guest;
  char *truth;                     /* NULL: none, and no y and no clock */
  enum vr_accelerator accelerator; /* VR_ACCEL_ANY if it was not recorded */
  enum vr_steal_clock steal_clock;
  bool nested;       /* its KVM host is itself a guest */
  bool idle_hidden;  /* what shows idle (schema/idle_signals.h) is no input */
  double vcpus, gib; /* latest known size; NAN if unknown */
  struct vr_timeline grid;       /* the truth's */
  struct vr_reader *reader;      /* on that grid */
  struct vr_aligned *aligned;    /* once all above is known; may be NULL */
  struct vr_reader *host_reader; /* on the host's, whose step may be finer;
                                  * the same where the grid is */
  /* RRDtool has divided the guest's samples into its rows, which were taken so
   * many seconds (0 to step) after rows end. */
  bool divided;
  double late;
  struct vr_clock clock;
  double *y[VR_COUNTERS]; /* truth in the counter's unit, NULL: absent */
  /* Of a level that was sampled finely (level_truths.h): what a sample at each
   * row's end was, and what it would be on average; else NULL */
  double *snapshot[VR_COUNTERS], *expected[VR_COUNTERS];
  double **u; /* one column a source, at the truth's time; NULL: absent */
  /* How many rows of the truth were known, once its columns are evicted. */
  size_t known[VR_COUNTERS];
};

void vr_data_guest_clear(struct vr_guest_data *d);

/* Gives D readers of ARCHIVE that have read nothing, on its grid and on that of
 * the host; HOST_GRID is NULL: the same. Returns 0 or -ENOMEM. */
int vr_data_guest_new_readers(struct vr_guest_data *d,
                              const struct vr_archive *archive,
                              const struct vr_timeline *host_grid);

/* Lets go of all columns, and of what the readers have read: what stays can be
 * reported, and is small. Returns 0 or -ENOMEM. */
int vr_data_guest_let_go(struct vr_guest_data *d);

/* How many rows of the truth of counter C are, or were, known. */
size_t vr_data_guest_known(const struct vr_guest_data *d, enum vr_counter c);

/* X, a column of the host's reader that is measured in GROUP, at the truth's
 * time into RET (grid rows). Returns 0 or -ENOMEM. */
int vr_data_guest_align(const struct vr_guest_data *d,
                        enum vr_signal_group group, const double *x,
                        double *ret);

/* INPUT at the truth's time into RET (grid rows). Errors: vr_reader_input;
 * -ENOENT, too, for what says nothing of a guest whose idle time is hidden. */
int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret);

/* How many parts all rows have. */
size_t vr_data_guest_parts(const struct vr_guest_data *d);

/* INPUT in each part of the rows into RET. Errors: vr_reader_input. */
int vr_data_guest_input_parts(const struct vr_guest_data *d,
                              const struct vr_model_input *input, double *ret);

/* Means of X, a value for each part, into RET (grid rows); NAN where less than
 * half of a row's are known. Returns 0 or -ENOMEM. */
int vr_data_guest_mean(const struct vr_guest_data *d, const double *x,
                       double *ret);

#endif
