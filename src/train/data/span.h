/* SPDX-License-Identifier: MIT
 *
 * When both sides of a pair were recorded: the grid of the data that is asked
 * for.
 */
#ifndef VR_TRAIN_DATA_SPAN_H
#define VR_TRAIN_DATA_SPAN_H

#include "train/data/pairs.h"

/* What the caller asks for; NAN where it does not care. */
struct vr_span {
  double begin, end; /* seconds since the epoch */
  double step;       /* seconds */
  double warm_up;    /* seconds before begin to read too, if recorded so */
};

/* The grid of SPAN in which the hypervisor host of PAIR was recorded and, where
 * the pair has truth, the guest as well. Returns 0; -ENODATA if there is no
 * such time; -E2BIG for too many rows; another negative errno; *ret_error is
 * filled. */
int vr_span_find_grid(const struct vr_archive *archive,
                      const struct vr_pair *pair, const struct vr_span *span,
                      struct vr_timeline *ret_grid, struct vr_error *ret_error);

#endif
