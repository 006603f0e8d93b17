/* SPDX-License-Identifier: MIT
 *
 * How far the clocks of a guest and of its hypervisor host are apart.
 */
#ifndef VR_TRAIN_DATA_GUEST_CLOCK_H
#define VR_TRAIN_DATA_GUEST_CLOCK_H

#include "train/data/guest_data.h"

/* Estimates D's clock by the counters that the host measures, too: the weighted
 * mean of their offsets, what is measured by other means apart where it is
 * elsewhere for certain, and how the clock drifts. Without any the clock stays
 * unknown. Returns 0 or -ENOMEM. */
int vr_data_estimate_clock(struct vr_guest_data *d);

/* Where what defines counter C is measured. */
enum vr_signal_group vr_data_clock_group(enum vr_counter c);

#endif
