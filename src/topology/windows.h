/* SPDX-License-Identifier: MIT
 *
 * Who sends to whom: bytes per second of every ordered pair of guests in the
 * last windows of time, and the matrix of their medians. A burst in one window
 * does not show there.
 */
#ifndef VR_TOPOLOGY_WINDOWS_H
#define VR_TOPOLOGY_WINDOWS_H

#include "topology/index.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_WINDOWS = 6 };

/* A pair is seen at both ends; what the two say should be one number. */
enum vr_windows_view { VR_WINDOWS_SENDER, VR_WINDOWS_RECEIVER };

struct vr_windows_pair {
  uint32_t from, to; /* guests */
  double open[2];    /* of the window that is being filled, by view */
  bool reported[2];  /* also that nothing was seen */
  bool arrives;      /* the receiver's end counts it, and has done so */
  float closed[VR_WINDOWS];
  float arrived[VR_WINDOWS]; /* as the receiver sees it, if that is known */
  float sent;                /* by the sender, in the last one */
};

struct vr_windows {
  size_t filled; /* windows closed, at most VR_WINDOWS */
  size_t at;     /* where the next one goes */
  size_t n_guests, n_pairs;
  char **guests;
  struct vr_windows_pair *pairs;
  struct vr_index guest_index, pair_index;
};

void vr_windows_init(struct vr_windows *w, size_t max_guests, size_t max_pairs);
void vr_windows_clear(struct vr_windows *w);

/* Adds RATE bytes per second from guest FROM to guest TO in the window that is
 * open; of a pair that is known, 0 as well. What a guest sends to itself is
 * passed over, and so is what is no number. Returns 0, -ENOSPC for a guest or
 * pair too many, or -ENOMEM. */
int vr_windows_add(struct vr_windows *w, const char *from, const char *to,
                   enum vr_windows_view view, double rate);

/* Ends the window and opens the next one. Pairs that were silent in all
 * windows go, and guests without a pair. */
void vr_windows_close(struct vr_windows *w);

/* The median of the closed windows. */
struct vr_matrix {
  size_t n;
  char **names; /* of the guests */
  double *rate; /* n x n, row-major: bytes per second from row to column */
  /* What arrives of it: the median of those windows in which anything did; and
   * in the last window alone. */
  double *arrived, *latest;
  double *sent; /* by the sender, in the last window alone */
};

/* Guests in the order in which they were first seen. Returns 0 or -ENOMEM. */
int vr_windows_matrix(const struct vr_windows *w, struct vr_matrix *ret);
void vr_windows_matrix_clear(struct vr_matrix *m);
/* Index of a guest, or -ENOENT. */
long vr_windows_matrix_guest(const struct vr_matrix *m, const char *name);

#endif
