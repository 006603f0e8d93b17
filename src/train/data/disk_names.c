/* SPDX-License-Identifier: MIT */
#include "train/data/disk_names.h"

#include <ctype.h>
#include <string.h>

/* NAME without the digits at its end. */
static size_t without_number(const char *name) {
  size_t n = strlen(name);
  while (n > 0 && isdigit((unsigned char)name[n - 1]))
    n--;
  return n;
}

static bool begins_with(const char *name, const char *start) {
  return strncmp(name, start, strlen(start)) == 0;
}

bool vr_disk_names_is_virtual(const char *name) {
  static const char *const kinds[] = {"loop", "ram", "zram", "dm-",
                                      "md",   "sr",  "fd",   "nbd"};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    if (begins_with(name, kinds[i]) &&
        (isdigit((unsigned char)name[strlen(kinds[i])]) ||
         begins_with(name, "md_")))
      return true;
  return name[0] == '\0';
}

/* sda1, but neither sda nor udev's scsi-0QEMU_QEMU_HARDDISK_drive-scsi0 */
static bool is_lettered(const char *name, size_t n) {
  static const char *const buses[] = {"sd", "hd", "vd", "xvd", "ubd"};
  for (size_t i = 0; i < sizeof(buses) / sizeof(buses[0]); i++) {
    size_t bus = strlen(buses[i]);
    if (begins_with(name, buses[i]) && n > bus &&
        strspn(name + bus, "abcdefghijklmnopqrstuvwxyz") == n - bus)
      return true;
  }
  return false;
}

size_t vr_disk_names_whole(const char *name) {
  static const char part[] = "-part";
  const size_t length = sizeof(part) - 1;
  size_t n = without_number(name);
  if (name[n] == '\0')
    return 0;
  if (n > length && strncmp(name + n - length, part, length) == 0)
    return n - length;
  /* nvme0n1p2, mmcblk0p1 */
  if (begins_with(name, "nvme") || begins_with(name, "mmcblk"))
    return n > 0 && name[n - 1] == 'p' ? n - 1 : 0;
  return is_lettered(name, n) ? n : 0;
}
