/* SPDX-License-Identifier: MIT */
#include "live/live_options.h"

struct vr_live_options vr_live_defaults(void) {
  return (struct vr_live_options){
      .min_fit = 5,
      .quality = {.every = 30},
      .allowed_lateness = 1,
      .max_guests = 200000,
      .max_guests_per_host = 2000,
      .forget_after = 60,
      .history_bytes = 64 << 20,
      .notify_after = 300 * VR_SECOND,
  };
}
