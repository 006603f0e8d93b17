/* SPDX-License-Identifier: MIT
 *
 * Locations as entries of the kernel.
 */
#include "overlay/overlay_apply.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <string.h>

static const struct vr_member *self(const struct vr_overlay *o) {
  return vr_members_find(&o->options.members, o->options.self);
}

/* --- LANs --- */

static void read_links(struct vr_overlay *o) {
  int r = vr_rtnl_links_read(o->rtnl, &o->links);
  if (r < 0)
    vr_log_complain(&o->kernel, LOG_ERR,
                    "the kernel does not say which interfaces there are: %s",
                    strerror(-r));
  else
    vr_log_relieved(&o->kernel, "the kernel says which interfaces there are");
}

void vr_overlay_ensure_lans(struct vr_overlay *o) {
  read_links(o);
  for (size_t i = 0; i < o->options.n_lans; i++)
    if (vr_lan_ensure(&o->options.lans[i], o->rtnl, &o->links, &self(o)->vtep,
                      o->options.pretend) != 0)
      read_links(o);
}

/* --- one address --- */

static void say_failed(struct vr_overlay *o, int r) {
  if (r < 0)
    vr_log_complain(&o->failed, LOG_ERR,
                    "an entry of the forwarding database cannot be changed: "
                    "%s%s",
                    strerror(-r),
                    r == -EPERM ? ": collectd needs CAP_NET_ADMIN" : "");
}

static int set_entry(void *ctx, const struct vr_overlay_entry *e) {
  struct vr_overlay *o = ctx;
  return o->options.pretend ? 0 : vr_rtnl_fdb_set(o->rtnl, e);
}

static int remove_entry(void *ctx, const struct vr_overlay_entry *e) {
  struct vr_overlay *o = ctx;
  return o->options.pretend ? 0 : vr_rtnl_fdb_delete(o->rtnl, e);
}

static bool is_port_of(const struct vr_overlay *o, const struct vr_lan *lan,
                       unsigned port) {
  const struct vr_rtnl_link *l =
      port ? vr_rtnl_links_at(&o->links, port) : NULL;
  return l && l->master == lan->bridge_index;
}

/* What the kernel should have for L, at most two entries; none for an allowed
 * address that is here: the bridge learns it, and may unlearn it. */
static size_t wanted_of(struct vr_overlay *o, const struct vr_lan *lan,
                        const struct vr_location *l,
                        struct vr_overlay_entry ret[2]) {
  const struct vr_member *host = vr_members_find(&o->options.members, l->host);
  bool allowed = vr_lan_allows(lan, &l->key.mac, NULL);
  if (l->gone || !lan->device_index)
    return 0;
  if (vr_overlay_is_here(o, l)) {
    ret[0] = (struct vr_overlay_entry){
        .port = l->port, .sticky = true, .mac = l->key.mac};
    return !allowed && is_port_of(o, lan, l->port);
  }
  if (!host || !vr_lan_has(lan, l->host))
    return 0;
  ret[0] = (struct vr_overlay_entry){.port = lan->device_index,
                                     .of_vxlan = true,
                                     .mac = l->key.mac,
                                     .to = host->vtep};
  ret[1] = (struct vr_overlay_entry){
      .port = lan->device_index, .sticky = !allowed, .mac = l->key.mac};
  return 2;
}

static void say_pretended(const struct vr_location *l) {
  char mac[VR_MAC_HEX];
  vr_mac_format(&l->key.mac, mac);
  vr_log_notice("Pretend: would send frames for %s (guest %s) to %s%s", mac,
                l->guest, l->gone ? "nobody, it has left " : "", l->host);
}

void vr_overlay_apply(struct vr_overlay *o, const struct vr_location *l) {
  const struct vr_lan *lan = vr_overlay_lan(o, l->key.vni);
  struct vr_overlay_entry wanted[2];
  if (!lan)
    return;
  if (o->options.pretend) {
    say_pretended(l);
    return;
  }
  if (!lan->device_index)
    return;
  size_t n = wanted_of(o, lan, l, wanted);
  const struct vr_overlay_entry present[] = {
      {.port = lan->device_index, .of_vxlan = true, .mac = l->key.mac},
      {.port = lan->device_index, .mac = l->key.mac},
      {.port = l->port, .mac = l->key.mac}};
  const struct vr_overlay_plan plan = {o, set_entry, remove_entry};
  /* The first entry of another port is replaced; a removal that finds nothing
   * is no error. */
  say_failed(
      o, vr_overlay_plan_run(&plan, wanted, n, present, l->port > 0 ? 3 : 2));
}

/* --- all of them --- */

static int want_floods(struct vr_overlay *o, const struct vr_lan *lan,
                       struct vr_rtnl_fdb *ret) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < o->options.members.n; i++) {
    const struct vr_member *m = &o->options.members.list[i];
    const struct vr_overlay_entry e = {
        .port = lan->device_index, .of_vxlan = true, .to = m->vtep};
    if (m != self(o) && vr_lan_has(lan, m->name))
      r = vr_rtnl_fdb_add(ret, &e);
  }
  return r;
}

static int want_all(struct vr_overlay *o, const struct vr_lan *lan,
                    struct vr_rtnl_fdb *ret) {
  struct vr_overlay_entry e[2];
  int r = want_floods(o, lan, ret);
  for (const struct vr_location *l = o->locations.head; r == 0 && l;
       l = l->hh.next) {
    size_t n = l->key.vni == lan->vni ? wanted_of(o, lan, l, e) : 0;
    for (size_t i = 0; r == 0 && i < n; i++)
      r = vr_rtnl_fdb_add(ret, &e[i]);
  }
  return r;
}

bool vr_overlay_is_ours(struct vr_overlay *o, const struct vr_lan *lan,
                        const struct vr_overlay_entry *e) {
  if (e->port == lan->device_index)
    return true;
  const struct vr_rtnl_link *l =
      e->of_vxlan ? NULL : vr_rtnl_links_at(&o->links, e->port);
  if (!l || l->master != lan->bridge_index)
    return false;
  if (!e->sticky) /* a frame has moved it there */
    return vr_lan_allows(lan, &e->mac, NULL);
  return !lan->manage || vr_locations_find(&o->locations, lan->vni, &e->mac);
}

static void reconcile(struct vr_overlay *o, const struct vr_lan *lan,
                      struct vr_rtnl_fdb *present) {
  vr_cleanup(vr_rtnl_fdb_clear) struct vr_rtnl_fdb wanted = {0}, ours = {0};
  const struct vr_overlay_plan plan = {o, set_entry, remove_entry};
  int r = want_all(o, lan, &wanted);
  for (size_t i = 0; r == 0 && i < present->n; i++)
    if (vr_overlay_is_ours(o, lan, &present->list[i]))
      r = vr_rtnl_fdb_add(&ours, &present->list[i]);
  if (r == 0)
    r = vr_overlay_plan_run(&plan, wanted.list, wanted.n, ours.list, ours.n);
  say_failed(o, r);
  if (r == 0)
    vr_log_relieved(&o->failed, "forwarding databases are right again");
}

void vr_overlay_reconcile(struct vr_overlay *o) {
  vr_cleanup(vr_rtnl_fdb_clear) struct vr_rtnl_fdb present = {0};
  int r = vr_rtnl_fdb_read(o->rtnl, &present);
  say_failed(o, r);
  for (size_t i = 0; r == 0 && i < o->options.n_lans; i++)
    if (o->options.lans[i].device_index)
      reconcile(o, &o->options.lans[i], &present);
}
