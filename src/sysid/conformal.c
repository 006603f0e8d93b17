/* SPDX-License-Identifier: MIT */
#include "sysid/conformal.h"

#include "sysid/calibration.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

int vr_sysid_residuals_check(const struct vr_residuals *groups, size_t n_groups,
                             unsigned n_regimes, size_t block, double level,
                             struct vr_error *error) {
  if (block < 1 || !(level > 0 && level < 1))
    return vr_error_set(error, -EINVAL, "blocks of %zu, level %g", block,
                        level);
  bool any = false;
  for (size_t g = 0; g < n_groups; g++)
    for (size_t t = 0; t < groups[g].n; t++) {
      any = any || isfinite(groups[g].e[t]);
      if (groups[g].regime && groups[g].regime[t] >= n_regimes)
        return vr_error_set(error, -EINVAL, "regime %u of %u",
                            groups[g].regime[t], n_regimes);
    }
  return any ? 0 : vr_error_set(error, -ENODATA, "no finite residual");
}

int vr_conformal_widths(const struct vr_residuals *groups, size_t n_groups,
                        unsigned n_regimes, size_t block, double level,
                        double *ret_q, struct vr_error *error) {
  int r = vr_sysid_residuals_check(groups, n_groups, n_regimes, block, level,
                                   error);
  if (r < 0)
    return r;
  struct vr_calibration *c =
      vr_sysid_calibration_new(groups, n_groups, n_regimes, block);
  if (!c)
    return vr_sysid_no_memory(error);
  vr_sysid_calibration_widths(c, level, NULL, NULL, ret_q);
  vr_sysid_calibration_free(c);
  return 0;
}

int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_error *error) {
  const struct vr_residuals all = {.n = n, .e = e};
  return vr_conformal_widths(&all, 1, 0, block, level, ret_q, error);
}
