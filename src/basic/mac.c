/* SPDX-License-Identifier: MIT */
#include "basic/mac.h"

#include <stdio.h>
#include <string.h>

static int digit(char c) {
  static const char digits[] = "0123456789abcdefABCDEF";
  const char *at = c ? strchr(digits, c) : NULL;
  int n = at ? (int)(at - digits) : -1;
  return n < 16 ? n : n - 6;
}

bool vr_mac_parse(const char *text, struct vr_mac *ret) {
  struct vr_mac mac;
  char separator = text[0] && text[1] ? text[2] : '\0';
  bool separated = separator == ':' || separator == '-';
  for (int i = 0; i < 6; i++) {
    if (i > 0 && separated && *text++ != separator)
      return false;
    int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
    if (low < 0)
      return false;
    mac.byte[i] = (uint8_t)(high << 4 | low);
    text += 2;
  }
  if (*text != '\0')
    return false;
  *ret = mac;
  return true;
}

void vr_mac_format(const struct vr_mac *mac, char ret[VR_MAC_HEX]) {
  const uint8_t *b = mac->byte;
  snprintf(ret, VR_MAC_HEX, "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
           b[4], b[5]);
}

bool vr_mac_is_same(const struct vr_mac *a, const struct vr_mac *b) {
  return memcmp(a->byte, b->byte, sizeof(a->byte)) == 0;
}

bool vr_mac_is_group(const struct vr_mac *mac) { return mac->byte[0] & 1; }
