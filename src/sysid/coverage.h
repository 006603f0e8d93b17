/* SPDX-License-Identifier: MIT
 *
 * The fraction of errors that the intervals really cover, and how sure that is.
 */
#ifndef VR_SYSID_COVERAGE_H
#define VR_SYSID_COVERAGE_H

#include "sysid/conformal.h"

struct vr_coverage {
  double coverage;     /* fraction of samples with |e| <= q */
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
