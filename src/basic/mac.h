/* SPDX-License-Identifier: MIT
 *
 * Ethernet addresses.
 */
#ifndef VR_BASIC_MAC_H
#define VR_BASIC_MAC_H

#include <stdbool.h>
#include <stdint.h>

struct vr_mac {
  uint8_t byte[6];
};

enum { VR_MAC_HEX = 13 }; /* 12 digits with the NUL */

/* Reads "52:54:00:12:34:56", "52-54-00-12-34-56" or "525400123456", the whole
 * of TEXT, in any case. Returns false, and leaves *RET as it is, if it is none
 * of them. */
bool vr_mac_parse(const char *text, struct vr_mac *ret);

/* Twelve digits in lower case, as series have them. */
void vr_mac_format(const struct vr_mac *mac, char ret[VR_MAC_HEX]);

bool vr_mac_is_same(const struct vr_mac *a, const struct vr_mac *b);

/* Whether it addresses a group: broadcast and multicast do. */
bool vr_mac_is_group(const struct vr_mac *mac);

#endif
