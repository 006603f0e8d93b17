/* SPDX-License-Identifier: MIT
 *
 * Prewhitened cross-correlation (G. Box, G. Jenkins, Time Series Analysis, ch.
 * 11): the input is made white by its own autoregressive model, the output goes
 * through the same filter, and their cross-correlation is then, to a factor,
 * the impulse response. Delay and bands come from it.
 */
#ifndef VR_SYSID_XCORR_H
#define VR_SYSID_XCORR_H

#include "sysid/dataset.h"

struct vr_xcorr {
  unsigned max_lag;
  double *r;        /* 2 max_lag + 1 correlations, r[max_lag + k] = lag k:
                       output k samples after the input */
  double *response; /* max_lag + 1 impulse response estimates, lags 0 .. */
  double band;      /* |r| of a white input alone stays below with 99 % */
  double response_band;
  unsigned ar_order; /* of the prewhitening filter */
  size_t samples;
  int delay; /* first lag >= 0 with |r| above the band; -1 for none */
  int peak;  /* lag of the largest |r|, may be negative: the output leads,
                clocks or the choice of input are wrong */
  double r_peak;
};
void vr_xcorr_clear(struct vr_xcorr *x);

/* Input I and output of D, means subtracted, over all segments. MAX_ORDER of
 * the prewhitening filter is chosen by AIC. */
int vr_sysid_prewhitened_xcorr(const struct vr_dataset *d, unsigned i,
                               unsigned max_lag, unsigned max_order,
                               struct vr_xcorr *ret, struct vr_error *error);

#endif
