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

/* Writes the N characters at P, with XML's five entities resolved, and without
 * what does not belong into a name. */
static void copy_text(const char *p, size_t n, char *ret, size_t size) {
  static const struct {
    const char *entity;
    char character;
  } entities[] = {{"&amp;", '&'},
                  {"&lt;", '<'},
                  {"&gt;", '>'},
                  {"&quot;", '"'},
                  {"&apos;", '\''}};
  size_t length = 0;
  for (const char *end = p + n; p < end && length + 1 < size;) {
    char c = *p;
    size_t step = 1;
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
      if (strncmp(p, entities[i].entity, strlen(entities[i].entity)) == 0) {
        c = entities[i].character;
        step = strlen(entities[i].entity);
      }
    ret[length++] = (unsigned char)c < ' ' ? ' ' : c;
    p += step;
  }
  ret[length] = '\0';
}

/* The text of the first element TAG, "<title" or ":project", with or without
 * attributes. */
static void text_of(const char *xml, const char *tag, char *ret, size_t size) {
  const char *p = xml;
  size_t n = strlen(tag);
  while ((p = strstr(p, tag))) {
    p += n;
    if (*p != '>' && *p != ' ')
      continue;
    p = strchr(p, '>');
    const char *end = p && p[-1] != '/' ? strchr(p, '<') : NULL;
    if (end)
      copy_text(p + 1, (size_t)(end - p - 1), ret, size);
    return;
  }
}

void vr_libvirt_xml_labels(const char *xml, struct vr_labels *ret) {
  *ret = (struct vr_labels){"", ""};
  text_of(xml, "<title", ret->title, sizeof(ret->title));
  if (ret->title[0] == '\0')
    text_of(xml, "<nova:name", ret->title, sizeof(ret->title));
  text_of(xml, ":project", ret->project, sizeof(ret->project));
  if (ret->project[0] == '\0')
    text_of(xml, ":tenant", ret->project, sizeof(ret->project));
}
