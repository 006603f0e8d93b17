/* SPDX-License-Identifier: MIT
 *
 * b estimated for simulation, instead of one-step prediction, when the poles
 * are known.
 */
#ifndef VR_SYSID_KNOWN_POLES_H
#define VR_SYSID_KNOWN_POLES_H

#include "sysid/estimate.h"

#include <stdbool.h>

struct vr_output_error_options {
  double ridge;          /* as in struct vr_fit_options */
  bool nonnegative_gain; /* every b >= 0: non-negative least squares */
};

/* Output-error fit with known poles: A is given (A[0] = 1, orders->na more), b
 * minimises the squared error of the free run that begins with each segment's
 * first largest-lag samples as measured. The fit is linear in b: inputs
 * filtered by 1/A are the regressors. With A of the kernel's load average this
 * is the load filter model. info.rss is that of the free run; info.se holds the
 * b of each input only, orders->na zeros before them. */
int vr_sysid_fit_known_poles(const struct vr_dataset *d,
                             const struct vr_orders *orders, const double *a,
                             const struct vr_output_error_options *options,
                             struct vr_arx *ret_arx,
                             struct vr_fit_info *ret_info,
                             struct vr_error *error);

#endif
