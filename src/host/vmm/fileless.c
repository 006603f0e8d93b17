/* SPDX-License-Identifier: MIT */
#include "host/vmm/fileless.h"

#include "host/vmm/qemu_option.h"

#include <fnmatch.h>
#include <string.h>

/* QEMU's drivers of blocks, which are also the beginnings of file names:
 * "rbd:pool/disk", "nbd+unix:///x", file.driver=nbd, "driver": "ssh". */
static const char *const drivers[] = {
    "rbd",         "nbd",      "iscsi",
    "gluster",     "nfs",      "ssh",
    "sftp",        "nvme",     "http",
    "https",       "ftp",      "ftps",
    "iser",        "vxhs",     "tftp",
    "curl",        "sheepdog", "virtio-blk-vfio-pci",
    "archipelago",
};

static const char *const devices[] = {
    "vhost-user-blk*", "vhost-user-scsi*", "vhost-scsi*",
    "vhost-vdpa*",     "scsi-generic",     "scsi-block",
};

static const char *const options[] = {
    "drive", "blockdev", "hda", "hdb", "hdc", "hdd", "fda",
};

/* Whether DRIVER stands in TEXT as the whole of a value or as the beginning of
 * one that is an address. */
static bool mentions(const char *text, const char *driver) {
  size_t n = strlen(driver);
  for (const char *p = text; (p = strstr(p, driver)); p += n)
    if ((p == text || strchr("=\"", p[-1])) && strchr(",:+\"", p[n]))
      return true;
  return false;
}

static bool is_fileless(const char *option) {
  for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
    if (mentions(option, drivers[i]))
      return true;
  return false;
}

static bool is_fileless_device(const char *option) {
  char driver[64];
  if (!vr_qemu_option_key(option, "driver", "driver", driver, sizeof(driver)))
    return false;
  for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
    if (fnmatch(devices[i], driver, 0) == 0)
      return true;
  return false;
}

bool vr_fileless_has(const struct vr_cmdline *c) {
  const char *v;
  for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
    for (int at = 1; (v = vr_cmdline_option(c, options[i], &at));)
      if (is_fileless(v))
        return true;
  for (int at = 1; (v = vr_cmdline_option(c, "device", &at));)
    if (is_fileless_device(v))
      return true;
  return false;
}
