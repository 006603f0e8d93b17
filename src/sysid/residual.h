/* SPDX-License-Identifier: MIT
 *
 * What is left over: whiteness of one-step residuals, and their correlation
 * with the inputs.
 */
#ifndef VR_SYSID_RESIDUAL_H
#define VR_SYSID_RESIDUAL_H

#include "model/arx.h"
#include "sysid/dataset.h"

struct vr_residual_test {
  unsigned max_lag;
  size_t samples;
  double *r_e;      /* max_lag + 1 autocorrelations of e, r_e[0] = 1 */
  double *r_eu;     /* nu x (max_lag + 1): e(t) with u_i(t - k) */
  double band;      /* 99 %, of r_e */
  double *band_u;   /* nu: 99 %, of r_eu, from the inputs' autocorrelation */
  unsigned outside; /* lags 1 .. of r_e outside the band */
  unsigned *outside_u;
  double p_white; /* Ljung-Box: chance of such r_e, were e white */
};
void vr_residual_test_clear(struct vr_residual_test *t);

/* One-step residuals of ARX on D. */
int vr_sysid_test_residuals(const struct vr_arx *arx,
                            const struct vr_dataset *d, unsigned max_lag,
                            struct vr_residual_test *ret,
                            struct vr_error *error);

#endif
