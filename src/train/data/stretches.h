/* SPDX-License-Identifier: MIT
 *
 * How the offset of a guest's clock changes: in stretches of ten minutes
 *, by all counters together, as far as the stretches differ
 * by more than they err. The method is that of random effects (R. DerSimonian,
 * N. Laird, Controlled Clinical Trials 7, 1986): from how much the stretches'
 * offsets differ follows how much the true ones do, and each is believed in
 * proportion.
 */
#ifndef VR_TRAIN_DATA_STRETCHES_H
#define VR_TRAIN_DATA_STRETCHES_H

#include "sysid/clock_offset.h"
#include "train/data/guest_data.h"

struct vr_stretches {
  double step;               /* seconds of the host's rows */
  size_t n;                  /* stretches */
  size_t rows;               /* of the truth in each, the last may have more */
  double stretch;            /* seconds of them */
  double *weights, *offsets; /* of each stretch, in host's steps */
};

/* For the stretches of GRID. Returns 0 or -ENOMEM. */
int vr_stretches_new(const struct vr_timeline *grid, double host_step,
                     struct vr_stretches *ret);
void vr_stretches_clear(struct vr_stretches *d);

/* Adds what RATES, which show OFFSET steps of the host over all, show in each
 * stretch. */
void vr_stretches_add(struct vr_stretches *d,
                      const struct vr_clock_rates *rates, double offset);

/* Gives CLOCK what is to be added to it in each stretch, if anything is. D is
 * to be cleared. */
void vr_stretches_take(struct vr_stretches *d, struct vr_clock *clock);

#endif
