/* SPDX-License-Identifier: MIT
 *
 * A value that came in. USER is who has signed it, or NULL; FROM is an address,
 * for messages.
 */
#ifndef VR_OVERLAY_OVERLAY_VALUE_H
#define VR_OVERLAY_OVERLAY_VALUE_H

#include <stdint.h>

struct vr_overlay_value {
  const char *host, *guest, *instance, *user, *from;
  double value;
  int64_t sent; /* microseconds since 1970 */
};

#endif
