/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt_xml.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Vendors, as libosinfo's ids name them, each with the slash that ends it; or
 * with what follows, where a vendor has systems of both kinds. */
static const char *const not_linux[] = {
    "apple.com/",
    "dragonflybsd.org/",
    "freebsd.org/",
    "freenas.org/",
    "ghostbsd.org/",
    "haiku-os.org/",
    "hardenedbsd.org/",
    "illumos.org/",
    "microsoft.com/",
    "midnightbsd.org/",
    "netbsd.org/",
    "novell.com/",
    "omnios.org/",
    "omniosce.org/",
    "openbsd.org/",
    "openindiana.org/",
    "oracle.com/solaris/",
    "pcbsd.org/",
    "reactos.org/",
    "smartos.org/",
    "sun.com/",
    "truenas.com/",
    NULL,
};
static const char *const linux_kernel[] = {
    "almalinux.org/",
    "alpinelinux.org/",
    "altlinux.org/",
    "amazon.com/",
    "android-x86.org/",
    "archlinux.org/",
    "asianux.com/",
    "centos.org/",
    "cirros-cloud.net/",
    "clearlinux.org/",
    "coreos.com/",
    "debian.org/",
    "deepin.org/",
    "elementary.io/",
    "endlessos.com/",
    "fedoraproject.org/",
    "flatcar.org/",
    "gentoo.org/",
    "gnome.org/",
    "guix.gnu.org/",
    "kali.org/",
    "libosinfo.org/linux/",
    "linuxmint.com/",
    "mageia.org/",
    "mandriva.com/",
    "manjaro.org/",
    "nixos.org/",
    "openeuler.org/",
    "openmandriva.org/",
    "opensuse.org/",
    "oracle.com/ol/",
    "pop-os.org/",
    "pureos.net/",
    "redhat.com/",
    "rockylinux.org/",
    "scientificlinux.org/",
    "slackware.com/",
    "suse.com/",
    "system76.com/",
    "trisquel.info/",
    "ubuntu.com/",
    "voidlinux.org/",
    NULL,
};

static bool begins_with_one_of(const char *text, const char *const *list) {
  for (; *list; list++)
    if (strncmp(text, *list, strlen(*list)) == 0)
      return true;
  return false;
}

enum vr_os vr_libvirt_xml_os_by_id(const char *id) {
  const char *vendor = strstr(id, "://");
  vendor = vendor ? vendor + 3 : id;
  if (strncmp(vendor, "www.", 4) == 0)
    vendor += 4;
  if (begins_with_one_of(vendor, not_linux))
    return VR_OS_OTHER;
  return begins_with_one_of(vendor, linux_kernel) ? VR_OS_LINUX : VR_OS_UNKNOWN;
}

/* The text in quotes that follows the first BEFORE in XML; false when there is
 * none, or it does not fit. */
static bool quoted_after(const char *xml, const char *before, char *ret_text,
                         size_t size) {
  const char *p = strstr(xml, before);
  if (!p)
    return false;
  p += strlen(before);
  const char *end = *p == '"' || *p == '\'' ? strchr(p + 1, *p) : NULL;
  if (!end || (size_t)(end - p) > size)
    return false;
  snprintf(ret_text, size, "%.*s", (int)(end - p - 1), p + 1);
  return true;
}

void vr_libvirt_xml_parse(const char *xml, enum vr_os *ret_os,
                          unsigned *ret_period) {
  char text[256];
  *ret_os = quoted_after(xml, "<libosinfo:os id=", text, sizeof(text))
                ? vr_libvirt_xml_os_by_id(text)
                : VR_OS_UNKNOWN;
  const char *balloon = strstr(xml, "<memballoon");
  *ret_period =
      balloon && quoted_after(balloon, "<stats period=", text, sizeof(text))
          ? (unsigned)strtoul(text, NULL, 10)
          : 0;
}
