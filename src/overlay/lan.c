/* SPDX-License-Identifier: MIT */
#include "overlay/lan.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

/* What a frame of a guest grows by: outer Ethernet, IP, UDP and VXLAN. */
enum { OVERHEAD_IPV4 = 50, OVERHEAD_IPV6 = 70 };

void vr_lan_clear(struct vr_lan *lan) {
  free(lan->hosts);
  free(lan->allowed);
  *lan = (struct vr_lan){0};
}

bool vr_lan_has(const struct vr_lan *lan, const char *name) {
  for (size_t i = 0; i < lan->n_hosts; i++)
    if (strcmp(lan->hosts[i], name) == 0)
      return true;
  return lan->n_hosts == 0;
}

bool vr_lan_allows(const struct vr_lan *lan, const struct vr_mac *mac,
                   const char *guest) {
  for (size_t i = 0; i < lan->n_allowed; i++) {
    const struct vr_lan_allowed *a = &lan->allowed[i];
    if (vr_mac_is_same(&a->mac, mac) &&
        (!guest || !*a->guest || strcmp(a->guest, guest) == 0))
      return true;
  }
  return false;
}

/* --- what is to be made --- */

struct work {
  struct vr_lan *lan;
  struct vr_rtnl *r;
  const struct vr_rtnl_links *links;
  const struct vr_address *vtep;
  bool pretend, changed;
};

/* One line when it begins; the same condition is silent until it ends. */
#define refuse(w, error, ...)                                                  \
  (vr_log_complain(&(w)->lan->trouble, LOG_ERR, __VA_ARGS__), (error))

static int find_mtu(struct work *w, unsigned *ret_mtu) {
  char text[VR_ADDRESS_TEXT];
  unsigned index;
  vr_address_format(w->vtep, text);
  const struct vr_rtnl_link *under =
      vr_rtnl_link_of_address(w->r, w->vtep, &index) == 0
          ? vr_rtnl_links_at(w->links, index)
          : NULL;
  if (!under)
    return refuse(w, -ENODEV,
                  "LAN %s: no interface of this host has the address %s: set "
                  "Vtep of this host, or bring the interface up",
                  w->lan->name, text);
  unsigned overhead =
      w->vtep->family == AF_INET6 ? OVERHEAD_IPV6 : OVERHEAD_IPV4;
  unsigned most = under->mtu > overhead ? under->mtu - overhead : 0;
  unsigned mtu = w->lan->mtu ? w->lan->mtu : most;
  if (mtu > most || mtu < VR_LAN_MTU_LEAST)
    return refuse(w, -EMSGSIZE,
                  "LAN %s: an Mtu of %u does not fit: %s has %u, and VXLAN "
                  "takes %u of them: set Mtu to %u or less, or give %s a "
                  "larger one",
                  w->lan->name, mtu, under->name, under->mtu, overhead, most,
                  under->name);
  *ret_mtu = mtu;
  return 0;
}

static int failed(struct work *w, const char *what, const char *device, int e) {
  return refuse(w, e, "LAN %s: cannot %s %s: %s%s", w->lan->name, what, device,
                strerror(-e),
                e == -EPERM ? ": collectd needs CAP_NET_ADMIN" : "");
}

/* Says what would be done; false: do it. */
static bool only_pretends(struct work *w, const char *what,
                          const char *device) {
  if (w->pretend)
    vr_log_complain(&w->lan->trouble, LOG_NOTICE,
                    "LAN %s: Pretend: would %s %s, and go on from there",
                    w->lan->name, what, device);
  return w->pretend;
}

static int ensure_bridge(struct work *w, unsigned mtu) {
  struct vr_lan *lan = w->lan;
  const struct vr_rtnl_link *l = vr_rtnl_links_named(w->links, lan->bridge);
  if (!l && lan->manage)
    return refuse(w, -ENODEV,
                  "LAN %s: there is no bridge %s: make it, or leave Manage "
                  "out, so that the plugin makes one",
                  lan->name, lan->bridge);
  if (l && strcmp(l->kind, "bridge") != 0)
    return refuse(w, -EEXIST, "LAN %s: %s is no bridge: name another Bridge",
                  lan->name, lan->bridge);
  if (l && !vr_rtnl_link_is_ours(l) && !lan->manage)
    return refuse(w, -EEXIST,
                  "LAN %s: the bridge %s is not this plugin's: set \"Manage "
                  "true\" if it may be used, or name another Bridge",
                  lan->name, lan->bridge);
  if (l) {
    lan->bridge_index = l->index;
    return 0;
  }
  if (only_pretends(w, "make the bridge", lan->bridge))
    return -EAGAIN;
  int e = vr_rtnl_make_bridge(w->r, lan->bridge, mtu);
  if (e < 0)
    return failed(w, "make the bridge", lan->bridge, e);
  w->changed = true;
  lan->bridge_index = if_nametoindex(lan->bridge);
  return lan->bridge_index ? 0 : -ENODEV;
}

static bool is_as_wanted(const struct vr_rtnl_link *l,
                         const struct vr_rtnl_link *wanted) {
  return strcmp(l->kind, "vxlan") == 0 && l->vni == wanted->vni &&
         l->port == wanted->port &&
         vr_address_is_same(&l->local, &wanted->local);
}

static int make_device(struct work *w, const struct vr_rtnl_link *wanted) {
  if (only_pretends(w, "make the VXLAN", wanted->name))
    return -EAGAIN;
  int e = vr_rtnl_make_vxlan(w->r, wanted);
  if (e < 0)
    return failed(w, "make the VXLAN", wanted->name, e);
  w->changed = true;
  w->lan->device_index = if_nametoindex(wanted->name);
  return w->lan->device_index ? 0 : -ENODEV;
}

static int ensure_device(struct work *w, unsigned mtu) {
  struct vr_lan *lan = w->lan;
  struct vr_rtnl_link wanted = {
      .vni = lan->vni, .port = lan->port, .local = *w->vtep, .mtu = mtu};
  memcpy(wanted.name, lan->device, sizeof(wanted.name));
  const struct vr_rtnl_link *l = vr_rtnl_links_named(w->links, lan->device);
  if (l && !vr_rtnl_link_is_ours(l))
    return refuse(w, -EEXIST,
                  "LAN %s: the interface %s is not this plugin's: name "
                  "another Device",
                  lan->name, lan->device);
  if (l && is_as_wanted(l, &wanted)) {
    lan->device_index = l->index;
    return 0;
  }
  if (l && !w->pretend) {
    vr_log_notice("LAN %s: %s is made anew: its configuration has changed",
                  lan->name, lan->device);
    vr_rtnl_link_delete(w->r, l->index);
  }
  return make_device(w, &wanted);
}

/* Ours: the VXLAN in any case, the bridge unless it is only managed. */
static int ensure_state(struct work *w, const char *name, unsigned index,
                        unsigned mtu, unsigned master) {
  const struct vr_rtnl_link *l = vr_rtnl_links_at(w->links, index);
  int e = 0;
  bool mtu_differs = !l || l->mtu != mtu, is_down = !l || !(l->flags & IFF_UP);
  bool is_elsewhere = master && (!l || l->master != master);
  if (!mtu_differs && !is_down && !is_elsewhere)
    return 0;
  if (only_pretends(w, "set up", name))
    return -EAGAIN;
  w->changed = true;
  if (mtu_differs)
    e = vr_rtnl_link_set_mtu(w->r, index, mtu);
  if (e == 0 && is_elsewhere)
    e = vr_rtnl_link_join(w->r, index, master);
  if (e == 0 && is_down)
    e = vr_rtnl_link_set_up(w->r, index);
  return e < 0 ? failed(w, "set up", name, e) : 0;
}

static int ensure(struct work *w) {
  struct vr_lan *lan = w->lan;
  unsigned mtu;
  lan->bridge_index = lan->device_index = 0;
  int e = find_mtu(w, &mtu);
  if (e < 0)
    return e;
  e = ensure_bridge(w, mtu);
  if (e == 0)
    e = ensure_device(w, mtu);
  if (e == 0)
    e = ensure_state(w, lan->device, lan->device_index, mtu, lan->bridge_index);
  if (e == 0 && !lan->manage)
    e = ensure_state(w, lan->bridge, lan->bridge_index, mtu, 0);
  lan->real_mtu = mtu;
  return e;
}

int vr_lan_ensure(struct vr_lan *lan, struct vr_rtnl *r,
                  const struct vr_rtnl_links *links,
                  const struct vr_address *vtep, bool pretend) {
  struct work w = {
      .lan = lan, .r = r, .links = links, .vtep = vtep, .pretend = pretend};
  int e = ensure(&w);
  if (e < 0)
    return e;
  vr_log_relieved(&lan->trouble, "LAN %s is as it should be again", lan->name);
  return w.changed;
}
