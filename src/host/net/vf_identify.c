/* SPDX-License-Identifier: MIT */
#include "host/net/vf_identify.h"

#include "basic/cleanup.h"
#include "host/proc/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH = 512 };

static bool is_virtfn(const char *name, unsigned *ret) {
  char rest;
  return sscanf(name, "virtfn%5u%c", ret, &rest) == 1;
}

/* The link virtfnN of the physical function that leads back to the device. */
static int number_of(int sysfd, const char *device, unsigned *ret) {
  char path[PATH];
  struct stat self, other;
  vr_cleanup(vr_listing_close) struct vr_listing links;
  const char *name;
  snprintf(path, sizeof(path), "%s/physfn", device);
  int r = vr_listing_open(&links, sysfd, path);
  if (r < 0)
    return r;
  if (fstatat(sysfd, device, &self, 0) < 0)
    return -errno;
  while ((name = vr_listing_next(&links)))
    if (is_virtfn(name, ret) && fstatat(links.fd, name, &other, 0) == 0 &&
        other.st_dev == self.st_dev && other.st_ino == self.st_ino)
      return 0;
  return -ENOENT;
}

/* Where the card's switch is run by the host (switchdev), interfaces that stand
 * for its virtual functions' ports are beside its own: "pf0vf1", "c1pf0". */
static bool stands_for_another(int nets, const char *name) {
  char path[PATH], port[64];
  snprintf(path, sizeof(path), "%s/phys_port_name", name);
  return vr_procfile_read_once(nets, path, port, sizeof(port)) > 0 &&
         strstr(port, "pf") != NULL;
}

/* A card with two ports on one function has two interfaces: which of them has
 * the virtual function cannot be known. */
static int interface_of(int sysfd, const char *device,
                        char ret[VR_IFNAME_MAX]) {
  char path[PATH];
  vr_cleanup(vr_listing_close) struct vr_listing nets;
  const char *name;
  unsigned found = 0;
  snprintf(path, sizeof(path), "%s/physfn/net", device);
  int r = vr_listing_open(&nets, sysfd, path);
  if (r < 0)
    return r;
  while ((name = vr_listing_next(&nets))) {
    if (stands_for_another(nets.fd, name))
      continue;
    snprintf(ret, VR_IFNAME_MAX, "%.15s", name);
    found++;
  }
  return found == 1 ? 0 : -ENOENT;
}

int vr_vf_identify(int sysfd, const char *device, char ret_pf[VR_IFNAME_MAX],
                   unsigned *ret_vf) {
  char pf[VR_IFNAME_MAX];
  unsigned vf;
  int r = number_of(sysfd, device, &vf);
  if (r == 0)
    r = interface_of(sysfd, device, pf);
  if (r < 0)
    return r;
  memcpy(ret_pf, pf, sizeof(pf));
  *ret_vf = vf;
  return 0;
}
