/* SPDX-License-Identifier: MIT
 *
 * How far two clocks that sample one counter are apart: to a fraction of the
 * step, from the rates that both sides saw.
 */
#ifndef VR_SYSID_CLOCK_OFFSET_H
#define VR_SYSID_CLOCK_OFFSET_H

#include "sysid/dataset.h"

struct vr_clock_offset {
  double offset;      /* in steps: guest(t) matches host(t + offset) */
  double se;          /* in steps; robust against bursts */
  double correlation; /* of guest with host shifted by the offset */
  double unshifted;   /* the same at offset 0 */
  double gain;        /* guest = gain * shifted host */
  size_t samples;
};

/* HOST and GUEST hold N rates on one grid, rate t being the counter's growth
 * from t - 1 to t, NAN for gaps. The shifted host's rate is that of its
 * cumulative curve interpolated linearly: (1 - f) host(t + k) + f host(t + k +
 * 1) for offset k + f. Searches -MAX_OFFSET .. MAX_OFFSET steps for the
 * greatest correlation. */
int vr_estimate_clock_offset(size_t n, const double *host, const double *guest,
                             double max_offset, struct vr_clock_offset *ret,
                             struct vr_error *error);

/* A host that is sampled RATIO times as often as its guest: HOST(i) is the
 * growth per second over the RATIO steps of the host that end with its i-th
 * (vr_clock_means()), GUEST(t) that over the guest's step that ends where the
 * host's step FIRST + t * RATIO does, by the clocks. */
struct vr_clock_rates {
  size_t n, n_host;
  const double *guest, *host;
  size_t ratio;
  ptrdiff_t first;
};

/* The same of such rates; offsets are in the host's steps. */
int vr_estimate_clock_offset_of(const struct vr_clock_rates *rates,
                                double max_offset, struct vr_clock_offset *ret,
                                struct vr_error *error);

/* Means of the RATIO values of X that end with each of its N, into RET; NAN
 * where less than half of them are known. */
void vr_clock_means(const double *x, size_t n, size_t ratio, double *ret);

#endif
