/* SPDX-License-Identifier: MIT */
#include "sysid/estimate_info.h"

#include <stdlib.h>

void vr_estimate_info_clear(struct vr_fit_info *info) {
  free(info->se);
  *info = (struct vr_fit_info){0};
}
