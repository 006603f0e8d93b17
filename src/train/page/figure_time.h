/* SPDX-License-Identifier: MIT
 *
 * A counter over time: measured, and what its model gives.
 */
#ifndef VR_TRAIN_PAGE_FIGURE_TIME_H
#define VR_TRAIN_PAGE_FIGURE_TIME_H

#include "train/data/guest_data.h"
#include "train/fit/trained.h"
#include "train/page/figure.h"

/* Two figures of T, a model for a guest with data D: the whole span, and the
 * stretch in which the counter moves most, where one-step predictions are
 * shown, too. Returns 0 or -ENOMEM. */
int vr_figure_time(struct vr_figures *f, const struct vr_guest_data *d,
                   const struct vr_trained *t);

#endif
