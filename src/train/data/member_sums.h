/* SPDX-License-Identifier: MIT
 *
 * The sum of series that come and go: the members of a pattern such as
 * %{guest}/virt/if_octets-vnet*, as the target adds them up
 * (live/sum_members.h).
 */
#ifndef VR_TRAIN_DATA_MEMBER_SUMS_H
#define VR_TRAIN_DATA_MEMBER_SUMS_H

#include <stddef.h>

/* Sums row by row of columns of ROWS rows each: rates per second, or levels. */
struct vr_member_sums {
  size_t rows;
  double *sum;
  unsigned char *state; /* of each row: what is known there, begins and ends */
};

/* Returns 0 or -ENOMEM; to be cleared in either case. */
int vr_member_sums_new(size_t rows, struct vr_member_sums *ret);
void vr_member_sums_clear(struct vr_member_sums *s);

/* Adds the column X, NAN where it is not known. What is not known for up to two
 * rows, and known again after them, is a gap of the sum; before, after and in
 * between for longer the member was not there. So is the time between one that
 * ends and another that begins as soon: libvirt numbers an interface anew. */
void vr_member_sums_add(struct vr_member_sums *s, const double *x);

/* The sums, which the caller frees; NAN where no member was there, or one had a
 * gap. S is empty then. */
double *vr_member_sums_take(struct vr_member_sums *s);

#endif
