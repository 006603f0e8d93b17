/* SPDX-License-Identifier: MIT
 *
 * From a least-squares model to one that runs free: stable poles, and the
 * Steiglitz-McBride iteration.
 */
#ifndef VR_SYSID_REFINE_H
#define VR_SYSID_REFINE_H

#include "sysid/estimate.h"
#include "sysid/simulate.h"

/* a_1 of the kernel's load average over MINUTES (1, 5 or 15) on a grid of STEP
 * seconds: -(K/2048)^(STEP/5), K the kernel's fixed-point constants 1884, 2014,
 * 2037, which stand for exp(-5 s / MINUTES). */
double vr_sysid_load_filter_pole(unsigned minutes, double step);

/* Makes all poles of ARX at most 1 - MARGIN in magnitude: a pole outside the
 * unit circle is reflected (1 / conj(p)), one that is still too far out is
 * shrunk. When poles moved, b is estimated again with vr_sysid_fit_known_poles.
 * *ret_moved (may be NULL) says how many moved. */
int vr_sysid_stabilise(struct vr_arx *arx, const struct vr_dataset *d,
                       double margin, unsigned *ret_moved,
                       struct vr_error *error);

struct vr_steiglitz_options {
  unsigned iterations; /* 0: 10 */
  double margin;       /* of stability; 0: 1e-3 */
  double ridge;
};

/* Steiglitz-McBride (IEEE Trans. Automatic Control 10, 1965): ARX fits on
 * output and inputs filtered by 1/A of the iteration before, each stabilised.
 * Starts from ARX, estimates on D, and leaves in ARX the iterate with the best
 * free run on CHOOSE (the start counts: it never gets worse there). *ret_kept
 * (may be NULL) is the number of that iterate, 0 for the start. */
int vr_sysid_steiglitz_mcbride(struct vr_arx *arx, const struct vr_dataset *d,
                               const struct vr_dataset *choose,
                               enum vr_initial initial,
                               const struct vr_steiglitz_options *options,
                               unsigned *ret_kept, struct vr_error *error);

#endif
