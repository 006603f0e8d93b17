/* SPDX-License-Identifier: MIT
 *
 * The address of one end of a VXLAN tunnel, IPv4 or IPv6.
 */
#ifndef VR_OVERLAY_ADDRESS_H
#define VR_OVERLAY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vr_address {
  int family; /* AF_INET, AF_INET6; 0: none */
  uint8_t bytes[16];
};

enum { VR_ADDRESS_TEXT = 46 };

/* Numbers only: a name could mean something else tomorrow. */
bool vr_address_parse(const char *text, struct vr_address *ret);
void vr_address_format(const struct vr_address *a, char ret[VR_ADDRESS_TEXT]);

/* Bytes of the address: 4 or 16. */
size_t vr_address_size(const struct vr_address *a);
bool vr_address_is_same(const struct vr_address *a, const struct vr_address *b);

/* Takes SIZE bytes from the kernel; none where they are no address. */
struct vr_address vr_address_of(const void *bytes, size_t size);

#endif
