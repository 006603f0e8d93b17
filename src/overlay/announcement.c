/* SPDX-License-Identifier: MIT */
#include "overlay/announcement.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every whole number up to this one is a double. */
#define EXACT 9007199254740992.0

static bool is_name(const char *text) {
  size_t n = strlen(text);
  return n > 0 && n < VR_ANNOUNCEMENT_NAME;
}

/* "mac_525400760002_10" */
static bool parse_instance(const char *text, struct vr_mac *ret_mac,
                           uint32_t *ret_vni) {
  char hex[VR_MAC_HEX];
  char *end;
  if (strncmp(text, "mac_", 4) != 0 || strnlen(text + 4, 13) < 13 ||
      text[16] != '_' || text[17] < '0' || text[17] > '9')
    return false;
  snprintf(hex, sizeof(hex), "%.12s", text + 4);
  unsigned long vni = strtoul(text + 17, &end, 10);
  if (*end != '\0' || vni == 0 || vni > VR_ANNOUNCEMENT_VNI_MAX ||
      !vr_mac_parse(hex, ret_mac))
    return false;
  *ret_vni = (uint32_t)vni;
  return true;
}

static bool is_machine(const struct vr_mac *mac) {
  static const struct vr_mac zero;
  return !vr_mac_is_group(mac) && !vr_mac_is_same(mac, &zero);
}

int vr_announcement_parse(const char *host, const char *guest,
                          const char *instance, double value, int64_t sent,
                          struct vr_announcement *ret) {
  struct vr_announcement a = {.sent = sent, .gone = value < 0};
  double generation = fabs(value);
  if (!is_name(host) || !is_name(guest) ||
      !parse_instance(instance, &a.mac, &a.vni) || !is_machine(&a.mac) ||
      !(generation >= 1 && generation <= EXACT) ||
      generation != floor(generation))
    return -EINVAL;
  a.generation = (uint64_t)generation;
  strcpy(a.host, host);
  strcpy(a.guest, guest);
  *ret = a;
  return 0;
}

void vr_announcement_instance(const struct vr_announcement *a,
                              char ret[VR_ANNOUNCEMENT_INSTANCE]) {
  char hex[VR_MAC_HEX];
  vr_mac_format(&a->mac, hex);
  snprintf(ret, VR_ANNOUNCEMENT_INSTANCE, "mac_%s_%u", hex, (unsigned)a->vni);
}

double vr_announcement_value(const struct vr_announcement *a) {
  return a->gone ? -(double)a->generation : (double)a->generation;
}
