/* SPDX-License-Identifier: MIT
 *
 * Spectrum and autocorrelation of a counter, beside those of its whole host.
 */
#ifndef VR_TRAIN_PAGE_FIGURE_SPECTRUM_H
#define VR_TRAIN_PAGE_FIGURE_SPECTRUM_H

#include "train/data/guest_data.h"
#include "train/page/figure.h"

/* Of counter C in D. Returns 0 or -ENOMEM. */
int vr_figure_spectrum(struct vr_figures *f, const struct vr_guest_data *d,
                       enum vr_counter c);

#endif
