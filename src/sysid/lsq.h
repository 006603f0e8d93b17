/* SPDX-License-Identifier: MIT
 *
 * Least squares min |y - X theta|^2 from the Gram of [y, X], made accurate by
 * passes over the rows. Who calls it knows what the rows are.
 */
#ifndef VR_SYSID_LSQ_H
#define VR_SYSID_LSQ_H

#include "basic/error.h"
#include "sysid/estimate_info.h"

#include <stdbool.h>

struct vr_lsq {
  unsigned p;
  size_t rows;
  const double *gram; /* p + 1 by p + 1, index 0 is y */
  double ridge;       /* as in struct vr_fit_options */
  bool force_tsqr;
  const void *context; /* of the functions below */
  /* r = y - X theta: *ret_rss = r'r, RET_GRADIENT = X' r. */
  int (*gradient)(const void *context, const double *theta, double *ret_rss,
                  double *ret_gradient);
  /* Transpose of R of [X diag(scale), y] with rows sqrt(ridge) I appended. */
  int (*tsqr)(const void *context, const double *scale, double ridge,
              double *ret_l);
  /* As gradient, with products that are finer than doubles, and in extended
   * precision; NULL if there is none. */
  int (*gradient_fine)(const void *context, const double *theta,
                       double *ret_rss, double *ret_gradient);
  int (*gradient_extended)(const void *context, const double *theta,
                           double *ret_rss, double *ret_gradient);
  /* What the user calls regressor j. */
  const char *(*name)(const void *context, unsigned j, char *text, size_t size);
};

/* RET_THETA holds p values; ret_info is filled but for se when SE is false. */
int vr_lsq_solve(const struct vr_lsq *q, double *ret_theta,
                 struct vr_fit_info *ret_info, struct vr_error *error);

/* The same with every theta >= 0 (C. Lawson, R. Hanson, Solving Least Squares
 * Problems, ch. 23, on the Gram). Parameters at the bound get se 0. */
int vr_lsq_solve_nonnegative(const struct vr_lsq *q, double *ret_theta,
                             struct vr_fit_info *ret_info,
                             struct vr_error *error);

#endif
