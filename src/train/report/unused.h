/* SPDX-License-Identifier: MIT
 *
 * What was recorded of a guest, and is in none of its models.
 */
#ifndef VR_TRAIN_REPORT_UNUSED_H
#define VR_TRAIN_REPORT_UNUSED_H

#include "train/data/span.h"
#include "train/fit/train_guest.h"

#include <stdio.h>

/* One line, or none where all was used: time at R's step and at coarser ones
 * (C), and series of the VM process of PAIR. With NAMES a second line names
 * these series. */
void vr_unused_print(const struct vr_guest_result *r,
                     const struct vr_pair *pair,
                     const struct vr_consolidations *c, bool names, FILE *f);

#endif
