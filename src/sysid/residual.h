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
int vr_sysid_test_residuals(const struct vr_arx *arx,
                            const struct vr_dataset *d, unsigned max_lag,
                            struct vr_residual_test *ret,
                            struct vr_error *error);

/* --- what residuals promise about future errors --- */

/* Residuals of one group of samples (a guest, a stretch of time), in the order
 * of time; not finite: left out. */
struct vr_residuals {
  size_t n;
  const double *e;
  const unsigned
      *regime; /* of each sample, below n_regimes; NULL: one regime */
};

/* Half-widths q, one for each of N_REGIMES regimes (0: one for all), such that
 * |y - yhat| <= q with probability LEVEL for a sample of a new block of that
 * regime, when blocks (not samples) are exchangeable: the LEVEL quantile of the
 * blocks' averaged distributions with one more block at infinity (hierarchical
 * split-conformal: R. Dunn, L. Wasserman, A. Ramdas, Distribution-free
 * prediction sets for two-layer hierarchical models, JASA 2022). Block b of a
 * group is its samples b BLOCK .. (b + 1) BLOCK - 1, a last one below half that
 * length joins the one before; with BLOCK as long as the groups each group is
 * one block, and the promise is about a new group.
 *
 * A width is INFINITY when there are fewer than LEVEL / (1 - LEVEL) blocks with
 * samples of the regime. A regime with some, but too few, gets the width of all
 * together if that is wider than its own largest residual. -ENODATA without
 * residuals. */
int vr_conformal_widths(const struct vr_residuals *groups, size_t n_groups,
                        unsigned n_regimes, size_t block, double level,
                        double *ret_q, struct vr_error *error);

/* The same for one group and one regime. */
int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_error *error);

struct vr_coverage {
  double coverage;     /* share of samples with |e| <= q */
  double lower, upper; /* 95 % bootstrap interval of it */
  double mean_width;   /* of the full interval, 2 q averaged */
  size_t blocks, samples;
};

/* How coverage is measured: each group is tested with widths from the residuals
 * that the other groups had when neither was learned from. */
struct vr_coverage_design {
  size_t n_groups; /* at least 2 */
  const struct vr_residuals *test;
  /* n_groups x n_groups: [g n_groups + h] are those of group h that widths for
   * group g come from; g = h is not looked at. */
  const struct vr_residuals *calibration;
  unsigned n_regimes;
  size_t calibration_block; /* as in vr_conformal_widths() */
  size_t block;             /* that the bootstrap draws in the tested group */
  double level;
};

/* Coverage, and its uncertainty by RESAMPLES (0: 1000) draws of a hierarchical
 * bootstrap. What is uncertain is which groups there are, which blocks of each
 * were seen in test, and which blocks the widths come from; so each draw draws
 * all three and computes the widths again. (Cluster bootstrap: A. Davison, D.
 * Hinkley, Bootstrap Methods and their Application, 1997, section 3.8; C.
 * Field, A. Welsh, JRSS B 2007. That coverage varies with the calibration data:
 * V. Vovk, ACML 2012.) With few groups even that is too narrow: look at
 * RET_BY_GROUP (n_groups, or NULL), NAN for a group without samples. The
 * generator's seed is fixed: the same data gives the same numbers. */
int vr_coverage_measure(const struct vr_coverage_design *design,
                        unsigned resamples, struct vr_coverage *ret,
                        double *ret_by_group, struct vr_error *error);

#endif
