/* SPDX-License-Identifier: MIT
 *
 * What is left over: whiteness of one-step residuals, their correlation with
 * the inputs, and what they promise about future errors (split-conformal
 * intervals over blocks, block bootstrap).
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
int vr_test_residuals(const struct vr_arx *arx, const struct vr_dataset *d,
                      unsigned max_lag, struct vr_residual_test *ret,
                      struct vr_sysid_error *error);

/* Half-width q such that |y - yhat| <= q with probability LEVEL for a sample
 * of a new block, when blocks (not samples) are exchangeable: the LEVEL
 * quantile of the blocks' averaged distributions with one more block at
 * infinity (hierarchical split-conformal: R. Dunn, L. Wasserman, A. Ramdas,
 * JASA 2022). E holds N calibration residuals (not finite: left out), block b
 * is samples b BLOCK .. (b + 1) BLOCK - 1, a last one below half that length
 * joins the one before. *ret_q is INFINITY when there are fewer than
 * LEVEL / (1 - LEVEL) blocks. -ENODATA without residuals. */
int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_sysid_error *error);

/* The same for each of N_REGIMES regimes: REGIME[t] < n_regimes, only samples
 * of the regime count, blocks without one drop out. A regime with too few
 * blocks gets the width of all together if that is wider than its own largest
 * residual, else INFINITY. */
int vr_conformal_width_regimes(size_t n, const double *e,
                               const unsigned *regime, unsigned n_regimes,
                               size_t block, double level, double *ret_q,
                               struct vr_sysid_error *error);

struct vr_coverage {
  double coverage;     /* share of samples with |e| <= q */
  double lower, upper; /* 95 % block bootstrap interval of it */
  double mean_width;   /* of the full interval, 2 q averaged */
  size_t blocks, samples;
};

/* Coverage of half-widths Q (one for each sample) on N test residuals E, and
 * its uncertainty from RESAMPLES (0: 1000) bootstrap draws of blocks. The
 * generator's seed is fixed: the same data gives the same numbers. */
int vr_coverage_bootstrap(size_t n, const double *e, const double *q,
                          size_t block, unsigned resamples,
                          struct vr_coverage *ret,
                          struct vr_sysid_error *error);

#endif
