/* SPDX-License-Identifier: MIT
 *
 * Data ready for estimation: one output and some inputs on a regular grid, in
 * one or more segments. A segment has no gap; a gap in a recording begins a new
 * segment, and so does every further recording, guest or machine that is
 * estimated together with the others.
 *
 * Nothing in src/sysid subtracts means behind the caller's back, with the
 * exceptions that say so: detrend first (vr_dataset_detrend).
 */
#ifndef VR_SYSID_DATASET_H
#define VR_SYSID_DATASET_H

#include "basic/error.h"

#include <stddef.h>

/* All values are finite. U is one array of N values for each input. The arrays
 * are the caller's. */
struct vr_segment {
  size_t n;
  const double *y;
  const double *const *u;
};

struct vr_dataset {
  unsigned nu;
  size_t n_segments;
  struct vr_segment *segments;
  void *storage; /* what vr_dataset_clear frees; NULL for a caller's own */
};

/* Orders in Ljung's convention (see model/arx.h), one nb >= 1 and nk >= 0 for
 * each of the NU inputs. na = 0 is a finite impulse response. */
struct vr_orders {
  unsigned na;
  unsigned nu;
  const unsigned *nb;
  const unsigned *nk;
};

/* The errors of src/sysid:
 *   -EINVAL    orders or arguments make no sense
 *   -ENODATA   no finite value, or not more rows than parameters
 *   -EDOM      a signal is constant or not finite
 *   -ENOTUNIQ  regressors are collinear: the data does not determine the
 * parameters -ENOMEM Every function below src/sysid that takes one allows NULL.
 */
/* Limits that keep an absurd order from eating the machine. */
enum { VR_ORDER_MAX = 10000, VR_PARAMETERS_MAX = 4000 };

/* Cuts N samples of output Y and of NU inputs U at every sample that is not
 * finite in one of them. Segments point into the arrays given. Segments shorter
 * than MIN_LENGTH are dropped. -ENODATA if none remains. */
int vr_dataset_split(size_t n, const double *y, unsigned nu,
                     const double *const *u, size_t min_length,
                     struct vr_dataset *ret, struct vr_error *error);

/* Joins the segments of the N sets at SETS (all with the same nu) in one set
 * that points to the same arrays. */
int vr_dataset_join(size_t n, const struct vr_dataset *sets,
                    struct vr_dataset *ret, struct vr_error *error);

/* Samples FROM to TO - 1 of a segmentation, counted over all segments one after
 * the other; points to the same arrays. For validation by blocks. */
int vr_dataset_slice(const struct vr_dataset *d, size_t from, size_t to,
                     struct vr_dataset *ret, struct vr_error *error);

/* The segments without their first N samples; those that have no more are left
 * out, and none may remain. Points to the same arrays. What needs few samples
 * before its first row gets rows from there on that others have too. */
int vr_dataset_skip(const struct vr_dataset *d, size_t n,
                    struct vr_dataset *ret, struct vr_error *error);

/* A copy with Y_OFFSET subtracted from the output and U_OFFSET[i] from input i
 * (NULL: none). */
int vr_dataset_detrend(const struct vr_dataset *d, double y_offset,
                       const double *u_offset, struct vr_dataset *ret,
                       struct vr_error *error);

/* Means over all samples of all segments. RET_U holds nu values. */
void vr_dataset_means(const struct vr_dataset *d, double *ret_y, double *ret_u);

/* Number of samples of all segments. */
size_t vr_dataset_samples(const struct vr_dataset *d);

/* max(na, max_i(nb_i + nk_i - 1)). */
unsigned vr_dataset_orders_largest_lag(const struct vr_orders *o);
/* na + sum of nb. */
unsigned vr_dataset_orders_parameters(const struct vr_orders *o);
/* Samples after the first LAG of each segment. */
size_t vr_dataset_samples_after(const struct vr_dataset *d, size_t lag);
/* Rows that estimation has with these orders: each segment gives its samples
 * after the first largest-lag ones. */
size_t vr_dataset_rows(const struct vr_dataset *d, const struct vr_orders *o);

/* Do the orders make sense for D? -EINVAL, or 0. */
int vr_dataset_orders_check(const struct vr_dataset *d,
                            const struct vr_orders *o, struct vr_error *error);

/* Is the output (SIGNAL 0) or input SIGNAL - 1 finite and not constant? -EDOM
 * with a text, or 0. */
int vr_dataset_signal_check(const struct vr_dataset *d, unsigned signal,
                            struct vr_error *error);

/* That, and does the data allow a fit? -EINVAL, -ENODATA or -EDOM with a text
 * that says which signal, or 0. */
int vr_dataset_check(const struct vr_dataset *d, const struct vr_orders *o,
                     struct vr_error *error);

/* Releases what split, join, slice, skip and detrend allocated. */
void vr_dataset_clear(struct vr_dataset *d);

#endif
