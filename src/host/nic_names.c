/* SPDX-License-Identifier: MIT */
#include "host/nic_names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is FD in LIST, "30:31"? */
static bool is_listed(const char *list, int fd) {
  while (*list) {
    char *end;
    long number = strtol(list, &end, 10);
    if (end == list)
      return false;
    if (number == fd)
      return true;
    list = *end == ':' ? end + 1 : end;
  }
  return false;
}

static const struct vr_mac *by_backend(const struct vr_nics *nics,
                                       const struct vr_tap *tap) {
  for (size_t i = 0; i < nics->count; i++) {
    const struct vr_nic_backend *b = &nics->backend[i];
    if ((tap->fd >= 0 && is_listed(b->fds, tap->fd)) ||
        (!tap->is_vf && strcmp(b->interface, tap->name) == 0))
      return &nics->mac[i];
  }
  return NULL;
}

/* libvirt gives a tap the card's address with fe as its first byte; a macvtap
 * has the card's. */
static const struct vr_mac *by_address(const struct vr_nics *nics,
                                       const struct vr_tap *tap, int sysfd) {
  char path[64], text[32];
  struct vr_mac mac;
  if (sysfd < 0 || tap->is_vf || tap->place == VR_TAP_OF_GUEST)
    return NULL;
  snprintf(path, sizeof(path), "class/net/%s/address", tap->name);
  if (vr_procfile_read_once(sysfd, path, text, sizeof(text)) < 0)
    return NULL;
  text[strcspn(text, "\n")] = '\0';
  if (!vr_mac_parse(text, &mac))
    return NULL;
  for (size_t i = 0; i < nics->count; i++)
    if (memcmp(nics->mac[i].byte + 1, mac.byte + 1, 5) == 0)
      return &nics->mac[i];
  return NULL;
}

void vr_nic_names_find(const struct vr_nics *nics, const struct vr_taps *taps,
                       size_t i, int sysfd, char ret[VR_IFNAME_MAX]) {
  const struct vr_tap *tap = &taps->v[i];
  const struct vr_mac *mac = by_backend(nics, tap);
  if (!mac)
    mac = by_address(nics, tap, sysfd);
  if (!mac && nics->count == 1 && taps->count == 1 && !nics->more)
    mac = &nics->mac[0];
  if (mac) {
    vr_mac_format(mac, ret);
    return;
  }
  if (tap->is_vf)
    snprintf(ret, VR_IFNAME_MAX, "%.9s_%u", tap->name, tap->vf % 100000);
  else
    memcpy(ret, tap->name, VR_IFNAME_MAX);
  for (char *c = ret; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("-.", *c))
      *c = '_';
}
