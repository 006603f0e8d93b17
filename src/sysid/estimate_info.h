/* SPDX-License-Identifier: MIT
 *
 * What an estimation gives beside the parameters.
 */
#ifndef VR_SYSID_ESTIMATE_INFO_H
#define VR_SYSID_ESTIMATE_INFO_H

#include <stddef.h>

enum vr_fit_method { VR_FIT_GRAM, VR_FIT_TSQR };

struct vr_fit_info {
  enum vr_fit_method method;
  unsigned refinements; /* steps in data space */
  size_t rows;
  unsigned n_parameters;
  double rss;            /* residual sum of squares, one step ahead */
  double noise_variance; /* rss / (rows - n_parameters) */
  double condition;      /* of the equilibrated regressor matrix, estimated */
  double aic, bic, fpe; /* rows ln(rss/rows) + 2p, + p ln(rows); Akaike's FPE */
  double *se;     /* standard errors: a_1 .. a_na, then the b of each input */
  char note[160]; /* what the user should know; empty if nothing */
};

void vr_estimate_info_clear(struct vr_fit_info *info);

#endif
