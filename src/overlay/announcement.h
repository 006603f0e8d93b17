/* SPDX-License-Identifier: MIT
 *
 * What one host tells the others: this address of this guest is here. It is a
 * value of collectd: HOST/vmrecon_overlay-GUEST/gauge-mac_ADDRESS_VNI, and the
 * number is its generation, negative where the guest has gone.
 */
#ifndef VR_OVERLAY_ANNOUNCEMENT_H
#define VR_OVERLAY_ANNOUNCEMENT_H

#include "basic/mac.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  VR_ANNOUNCEMENT_NAME = 128,    /* a name with its NUL */
  VR_ANNOUNCEMENT_INSTANCE = 32, /* "mac_525400760002_16777215" */
  VR_ANNOUNCEMENT_VNI_MAX = 0xffffff,
};

struct vr_announcement {
  char host[VR_ANNOUNCEMENT_NAME];
  char guest[VR_ANNOUNCEMENT_NAME];
  struct vr_mac mac;
  uint32_t vni;        /* which LAN */
  uint64_t generation; /* milliseconds since 1970, or the last one + 1 */
  bool gone;
  int64_t sent; /* microseconds since 1970, by the sender's clock */
};

/* What a value list says. INSTANCE is its type instance, VALUE its number.
 * Returns 0, or -EINVAL for what is no announcement of one machine's address;
 * then *RET is untouched. */
int vr_announcement_parse(const char *host, const char *guest,
                          const char *instance, double value, int64_t sent,
                          struct vr_announcement *ret);

/* Its type instance and its number. */
void vr_announcement_instance(const struct vr_announcement *a,
                              char ret[VR_ANNOUNCEMENT_INSTANCE]);
double vr_announcement_value(const struct vr_announcement *a);

#endif
