/* SPDX-License-Identifier: MIT */
#include "overlay/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

bool vr_address_parse(const char *text, struct vr_address *ret) {
  struct vr_address a = {.family = strchr(text, ':') ? AF_INET6 : AF_INET};
  if (inet_pton(a.family, text, a.bytes) != 1)
    return false;
  *ret = a;
  return true;
}

void vr_address_format(const struct vr_address *a, char ret[VR_ADDRESS_TEXT]) {
  if (!inet_ntop(a->family, a->bytes, ret, VR_ADDRESS_TEXT))
    strcpy(ret, "none");
}

size_t vr_address_size(const struct vr_address *a) {
  return a->family == AF_INET6 ? 16 : 4;
}

bool vr_address_is_same(const struct vr_address *a,
                        const struct vr_address *b) {
  return a->family == b->family && memcmp(a->bytes, b->bytes, 16) == 0;
}

struct vr_address vr_address_of(const void *bytes, size_t size) {
  struct vr_address a = {0};
  if (size != 4 && size != 16)
    return a;
  a.family = size == 16 ? AF_INET6 : AF_INET;
  memcpy(a.bytes, bytes, size);
  return a;
}
