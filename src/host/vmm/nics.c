/* SPDX-License-Identifier: MIT */
#include "host/vmm/nics.h"

#include "basic/cleanup.h"
#include "basic/file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
  VALUE_MAX = 128,
  LIBVIRT_FILE_MAX = 4 * 1024 * 1024,
  /* QEMU's own range: 52:54:00:12:34:56 and up. */
  FIRST_DEFAULT = 0x56,
  LAST_DEFAULT = 0xff,
};

static bool has(const struct vr_nics *nics, const struct vr_mac *mac) {
  for (size_t i = 0; i < nics->count; i++)
    if (vr_mac_is_same(&nics->mac[i], mac))
      return true;
  return false;
}

static void add(struct vr_nics *nics, const struct vr_mac *mac) {
  if (has(nics, mac))
    return;
  if (nics->count < VR_NICS_MAX) {
    nics->backend[nics->count] = (struct vr_nic_backend){{0}, {0}, {0}};
    nics->mac[nics->count++] = *mac;
  } else {
    nics->more = true;
  }
}

void vr_nics_add(struct vr_nics *nics, const char *text) {
  struct vr_mac mac;
  if (vr_mac_parse(text, &mac))
    add(nics, &mac);
  else
    nics->more = true;
}

void vr_nics_of_option(const struct vr_cmdline *c, const char *option,
                       const char *key, struct vr_nics *nics) {
  char text[VALUE_MAX];
  const char *v;
  for (int at = 1; (v = vr_cmdline_option(c, option, &at));)
    if (vr_cmdline_optstring_get(v, key, NULL, text, sizeof(text)))
      vr_nics_add(nics, text);
    else
      nics->more = true;
}

/* --- QEMU --- */

/* One option of QEMU's: "k=v,k=v", or, as libvirt writes it, JSON. */
struct option {
  const char *text;
  json_t *json; /* NULL: text holds */
};

static bool get(const struct option *o, const char *key, const char *implied,
                char value[VALUE_MAX]) {
  if (!o->json)
    return vr_cmdline_optstring_get(o->text, key, implied, value, VALUE_MAX);
  const char *v = json_string_value(json_object_get(o->json, key));
  if (v)
    snprintf(value, VALUE_MAX, "%s", v);
  return v != NULL;
}

/* Takes in a card whose address stands under KEY; returns whether there is one.
 */
static bool take(const struct option *o, const char *key,
                 struct vr_nics *nics) {
  char text[VALUE_MAX];
  if (!get(o, key, NULL, text))
    return false;
  vr_nics_add(nics, text);
  return true;
}

/* Each of these returns how many cards it found that have no address. */
typedef unsigned (*card_fn)(const struct option *o, struct vr_nics *nics);

/* The last card, if it is a new one. */
static struct vr_nic_backend *last_of(struct vr_nics *nics, size_t before) {
  return nics->count > before ? &nics->backend[nics->count - 1] : NULL;
}

/* ifname=tap0, fd=30, fds=30:31 */
static void take_backend(const struct option *o, struct vr_nic_backend *b) {
  char text[VALUE_MAX];
  if (get(o, "ifname", NULL, text))
    snprintf(b->interface, sizeof(b->interface), "%.15s", text);
  if (get(o, "fd", NULL, text) || get(o, "fds", NULL, text))
    snprintf(b->fds, sizeof(b->fds), "%.31s", text);
}

/* -device DRIVER,netdev=ID,mac=...: whatever has either is a network card. */
static unsigned take_device(const struct option *o, struct vr_nics *nics) {
  char text[VALUE_MAX] = "";
  size_t before = nics->count;
  bool has_mac = take(o, "mac", nics),
       has_netdev = get(o, "netdev", NULL, text);
  struct vr_nic_backend *b = last_of(nics, before);
  if (b && has_netdev)
    snprintf(b->id, sizeof(b->id), "%.31s", text);
  return !has_mac && has_netdev;
}

/* -nic TYPE,mac=... */
static unsigned take_nic(const struct option *o, struct vr_nics *nics) {
  char type[VALUE_MAX] = "";
  get(o, "type", "type", type);
  if (strcmp(type, "none") == 0)
    return 0;
  nics->vhost_user |= strcmp(type, "vhost-user") == 0;
  size_t before = nics->count;
  bool has_mac = take(o, "mac", nics);
  struct vr_nic_backend *b = last_of(nics, before);
  if (b)
    take_backend(o, b);
  return !has_mac;
}

/* -net nic,macaddr=... */
static unsigned take_net(const struct option *o, struct vr_nics *nics) {
  char type[VALUE_MAX] = "";
  get(o, "type", "type", type);
  return strcmp(type, "nic") == 0 && !take(o, "macaddr", nics);
}

/* -netdev is what a card is connected to. */
static unsigned take_netdev(const struct option *o, struct vr_nics *nics) {
  char type[VALUE_MAX] = "";
  get(o, "type", "type", type);
  nics->vhost_user |= strcmp(type, "vhost-user") == 0;
  char id[VALUE_MAX] = "";
  get(o, "id", NULL, id);
  for (size_t i = 0; id[0] != '\0' && i < nics->count; i++)
    if (strncmp(nics->backend[i].id, id, sizeof(nics->backend[i].id) - 1) == 0)
      take_backend(o, &nics->backend[i]);
  return 0;
}

static unsigned take_all(const struct vr_cmdline *c, const char *name,
                         card_fn fn, struct vr_nics *nics) {
  unsigned unnamed = 0;
  struct option o = {0};
  for (int at = 1; (o.text = vr_cmdline_option(c, name, &at));) {
    o.json = o.text[0] == '{' ? json_loads(o.text, 0, NULL) : NULL;
    unnamed += fn(&o, nics);
    json_decref(o.json);
  }
  return unnamed;
}

/* QEMU gives a card the first address of its range that no card has. */
static void add_default(struct vr_nics *nics) {
  struct vr_mac mac = {{0x52, 0x54, 0x00, 0x12, 0x34, FIRST_DEFAULT}};
  while (has(nics, &mac) && mac.byte[5] < LAST_DEFAULT)
    mac.byte[5]++;
  add(nics, &mac);
}

void vr_nics_of_qemu(const struct vr_cmdline *c, struct vr_nics *nics) {
  unsigned unnamed = take_all(c, "device", take_device, nics);
  unnamed += take_all(c, "nic", take_nic, nics);
  unnamed += take_all(c, "net", take_net, nics);
  take_all(c, "netdev", take_netdev, nics);
  for (unsigned i = 0; i < unnamed && i < VR_NICS_MAX; i++)
    add_default(nics);
}

/* --- libvirt --- */

/* <mac address='52:54:00:...'/>, of which there is one in each <interface>. */
static void take_xml(const char *text, struct vr_nics *nics) {
  static const char start[] = "<mac address=";
  char mac[18];
  while ((text = strstr(text, start))) {
    text += sizeof(start) - 1;
    if (*text != '\'' && *text != '"')
      continue;
    snprintf(mac, sizeof(mac), "%s", text + 1);
    vr_nics_add(nics, mac);
  }
}

/* A name is a file there, not a path. */
int vr_nics_of_libvirt(const char *directory, const char *name,
                       struct vr_nics *nics) {
  char path[512];
  vr_auto_free char *text = NULL;
  if (strchr(name, '/'))
    return -EINVAL;
  int n = snprintf(path, sizeof(path), "%s/%s.xml", directory, name);
  if (n >= (int)sizeof(path))
    return -ENAMETOOLONG;
  int r = vr_file_read(path, LIBVIRT_FILE_MAX, &text, NULL);
  if (r == 0)
    take_xml(text, nics);
  return r;
}
