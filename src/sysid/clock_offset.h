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

#endif
