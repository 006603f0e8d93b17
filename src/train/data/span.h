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

/* The grid on which PAIR's host is to be read, where GRID is that of its guest:
 * of the steps that divide GRID's and whose rows reach over all of it, the
 * finest. So GRID itself where the host has nothing finer. *ret_divided: the
 * host's is finer, and GRID's rows are those of RRD files, into which RRDtool
 * has divided the guest's samples, whenever they were taken. Returns 0, or a
 * negative errno with *ret_error filled. */
int vr_span_find_host_grid(const struct vr_archive *archive,
                           const struct vr_pair *pair,
                           const struct vr_timeline *grid,
                           struct vr_timeline *ret_grid, bool *ret_divided,
                           struct vr_error *ret_error);

/* What an archive holds of a pair at one step: the time in which its host was
 * recorded, and within it that in which the guest was, too. */
struct vr_consolidation {
  struct vr_timeline host, both; /* without rows: never */
};

struct vr_consolidations {
  size_t n;
  struct vr_consolidation *all; /* the finest step first */
};
void vr_span_consolidations_clear(struct vr_consolidations *c);

/* Finds those of PAIR that have rows of its host; without truth BOTH has no
 * rows. The series looked at are those of vr_span_find_grid(). Returns 0, or a
 * negative errno with *ret_error filled. */
int vr_span_consolidations(const struct vr_archive *archive,
                           const struct vr_pair *pair,
                           struct vr_consolidations *ret,
                           struct vr_error *ret_error);

#endif
