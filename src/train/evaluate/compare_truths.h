/* SPDX-License-Identifier: MIT
 *
 * Guests of which both truths were recorded, what their own collectd sent and
 * what was read from their kernels: do models that were trained on the one do
 * as well as those trained on the other?
 */
#ifndef VR_TRAIN_EVALUATE_COMPARE_TRUTHS_H
#define VR_TRAIN_EVALUATE_COMPARE_TRUTHS_H

#include "train/data/guest_data.h"
#include "train/fit/train_options.h"

enum { VR_COMPARE_MAX_GUESTS = 16 };

/* The two truths of one guest. */
struct vr_two_truths {
  struct vr_guest_data own, introspected;
};

/* One counter of one guest that was left out, or of all of them. Fits are free
 * run against what the guest's own collectd sent, in percent, NAN where there
 * is no model or no truth. */
struct vr_compare_row {
  double own;          /* of models trained on what guests send */
  double introspected; /* of models trained on what their kernels show */
  double mean;         /* of the mean of what the others send */
  double apart; /* introspected truth of this guest minus its own, mean */
};

struct vr_compare {
  size_t n_guests;
  char *guests[VR_COMPARE_MAX_GUESTS];
  struct vr_compare_row rows[VR_COMPARE_MAX_GUESTS][VR_COUNTERS];
  struct vr_compare_row all[VR_COUNTERS]; /* each against its own mean */
};

/* Leaves each of the N guests out once, trains models for any guest on the
 * others, from either truth, and both predict for the one left out. Takes
 * 2 to VR_COMPARE_MAX_GUESTS guests of one step and accelerator; only counters
 * that both truths have are compared. Returns 0 or a negative errno with
 * *ret_error filled. */
int vr_evaluate_compare_truths(const struct vr_two_truths *guests, size_t n,
                               const struct vr_train_options *options,
                               struct vr_compare *ret_compare,
                               struct vr_error *ret_error);
void vr_evaluate_compare_clear(struct vr_compare *c);

#endif
