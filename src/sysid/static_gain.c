/* SPDX-License-Identifier: MIT */
#include "sysid/static_gain.h"

#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>

int vr_sysid_fit_static_gain(const struct vr_dataset *d, unsigned i,
                             struct vr_static_gain *ret,
                             struct vr_error *error) {
  if (i >= d->nu)
    return vr_error_set(error, -EINVAL, "no input %u", i + 1);
  double n = 0, mu = 0, my = 0, uu = 0, uy = 0, yy = 0;
  for (size_t k = 0; k < d->n_segments; k++)
    for (size_t t = 0; t < d->segments[k].n; t++) {
      /* Running means and central moments (Welford). */
      double u = d->segments[k].u[i][t] - mu, y = d->segments[k].y[t] - my;
      n++;
      mu += u / n;
      my += y / n;
      uu += u * (d->segments[k].u[i][t] - mu);
      yy += y * (d->segments[k].y[t] - my);
      uy += u * (d->segments[k].y[t] - my);
    }
  if (n < 3)
    return vr_error_set(error, -ENODATA, "%g samples for a static gain", n);
  if (!(uu > 1e-26 * n * mu * mu))
    return vr_error_set(error, -EDOM, "input %u is constant (%.6g)", i + 1, mu);
  double gain = uy / uu, rss = fmax(0, yy - gain * uy);
  *ret =
      (struct vr_static_gain){.gain = gain,
                              .constant = my - gain * mu,
                              .se_gain = sqrt(rss / (n - 2) / uu),
                              .correlation = yy > 0 ? uy / sqrt(uu * yy) : NAN,
                              .samples = (size_t)n};
  return 0;
}
