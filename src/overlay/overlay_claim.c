/* SPDX-License-Identifier: MIT */
#include "overlay/overlay_claim.h"

#include "basic/cleanup.h"
#include "overlay/overlay_apply.h"
#include "overlay/overlay_ports.h"

#include <errno.h>
#include <linux/if.h>
#include <string.h>

enum { ABSENT_READINGS = 2 };
#define SECOND INT64_C(1000000)

/* --- what goes out --- */

void vr_overlay_say(struct vr_overlay *o, const struct vr_announcement *a,
                    bool now) {
  /* The plugin network may not have begun yet; the next step says it. */
  if (!o->running)
    return;
  int r = o->options.send(a, now);
  o->sent += r == 0;
  if (r < 0)
    vr_log_complain(&o->unsent, LOG_WARNING,
                    "announcements cannot be sent: collectd's plugin network "
                    "must be loaded, and have a Server");
  else
    vr_log_relieved(&o->unsent, "announcements are sent again");
}

void vr_overlay_announce(struct vr_overlay *o, struct vr_location *l,
                         bool now) {
  struct vr_announcement a;
  vr_locations_renew(&o->locations, l, vr_overlay_now());
  vr_locations_announce(l, vr_overlay_now(), &a);
  l->sent = a.sent;
  if (!o->options.pretend)
    vr_overlay_say(o, &a, now);
}

/* --- what has moved --- */

static void name_mac(const struct vr_location *l, char ret[VR_MAC_HEX]) {
  vr_mac_format(&l->key.mac, ret);
}

void vr_overlay_note_migration(struct vr_overlay *o,
                               const struct vr_location *l, int64_t at) {
  struct vr_overlay_migration *m =
      &o->migrations[o->n_migrations++ % VR_OVERLAY_MIGRATIONS];
  char mac[VR_MAC_HEX];
  *m = (struct vr_overlay_migration){
      .key = l->key, .at = at, .gap = vr_overlay_now() - at};
  strcpy(m->guest, l->guest);
  strcpy(m->from, l->from);
  strcpy(m->to, l->host);
  name_mac(l, mac);
  if (vr_log_limit_admits(&o->moves))
    vr_log_info("guest %s (%s) has moved from %s to %s; entries here follow "
                "after %.1f ms",
                l->guest, mac, l->from, l->host, (double)m->gap / 1000);
}

static void say_held(struct vr_overlay *o, const struct vr_location *l,
                     const struct vr_overlay_port *p) {
  char mac[VR_MAC_HEX];
  name_mac(l, mac);
  if (vr_log_limit_admits(&o->moves))
    vr_log_warning("address %s is used in turn by guest %s on %s and by guest "
                   "%s on %s: after %d moves in %d s it stays on %s until that "
                   "has ended for as long: give one of them another address",
                   mac, l->guest, l->host, p->guest, o->options.self,
                   VR_LOCATIONS_MOVES, VR_LOCATIONS_MOVES_S, l->host);
}

void vr_overlay_claim(struct vr_overlay *o, struct vr_overlay_port *p,
                      const struct vr_mac *mac) {
  struct vr_location *l = vr_locations_find(&o->locations, p->lan->vni, mac);
  struct vr_announcement a = {.mac = *mac, .vni = p->lan->vni};
  int64_t now = vr_overlay_now();
  bool elsewhere = l && !l->gone && !vr_overlay_is_here(o, l);
  bool is_new = !l || now - l->contested > VR_LOCATIONS_MOVES_S * SECOND;
  strcpy(a.host, o->options.self);
  strcpy(a.guest, p->guest);
  uint64_t vmm = p->start << 22 ^ (uint64_t)p->pid;
  int r = vr_locations_claim(&o->locations, &a, p->index, vmm, now, &l);
  if (r == -EBUSY) {
    p->muted = true;
    o->held++;
    if (is_new)
      say_held(o, l, p);
  } else if (r < 0) {
    vr_log_complain(&o->failed, LOG_ERR, "guest %s is not announced: %s",
                    p->guest, strerror(-r));
    return;
  } else {
    vr_overlay_announce(o, l, true);
    vr_overlay_apply(o, l);
    if (elsewhere)
      vr_overlay_note_migration(o, l, now);
  }
  vr_overlay_watch_ports(o, p->lan);
}

/* --- who has begun, and who has ended --- */

/* One that started here, or that we had here at another tap. A VMM that waits
 * for its guest is no guest yet: its first frame says when it is. */
static bool has_begun(struct vr_overlay *o, const struct vr_overlay_port *p,
                      const struct vr_mac *mac) {
  const struct vr_location *l =
      vr_locations_find(&o->locations, p->lan->vni, mac);
  if (!l || l->gone)
    return !p->incoming;
  return vr_overlay_is_here(o, l) && l->port != p->index &&
         !vr_overlay_port_at(o, l->port) && !p->incoming;
}

static void claim_begun(struct vr_overlay *o, struct vr_overlay_port *p) {
  for (size_t i = 0; i < p->nics.count; i++)
    if (has_begun(o, p, &p->nics.mac[i]))
      vr_overlay_claim(o, p, &p->nics.mac[i]);
}

/* A tap that some process holds without our knowing which: perhaps rights are
 * missing now. Then nobody has left. */
static bool is_held(struct vr_overlay *o, const struct vr_location *l) {
  const struct vr_lan *lan = vr_overlay_lan(o, l->key.vni);
  const struct vr_rtnl_link *link = vr_rtnl_links_at(&o->links, l->port);
  return lan && link && link->master == lan->bridge_index &&
         (link->flags & IFF_LOWER_UP);
}

static bool is_present(struct vr_overlay *o, const struct vr_location *l) {
  const struct vr_overlay_port *p = vr_overlay_port_at(o, l->port);
  return p ? p->lan->vni == l->key.vni &&
                 vr_overlay_port_may_use(p, &l->key.mac)
           : is_held(o, l);
}

static void take_leave(struct vr_overlay *o, struct vr_location *l) {
  if (is_present(o, l)) {
    l->absent = 0;
    return;
  }
  if (++l->absent < ABSENT_READINGS)
    return;
  l->gone = true;
  l->heard = vr_overlay_now();
  vr_overlay_announce(o, l, true);
  vr_overlay_apply(o, l);
  l->port = 0;
}

/* A guest with several cards has each at one of several taps, which only its
 * frames show. */
static bool is_only_port(struct vr_overlay *o,
                         const struct vr_overlay_port *p) {
  for (size_t i = 0; i < o->n_ports; i++)
    if (&o->ports[i] != p && o->ports[i].pid == p->pid)
      return false;
  return p->nics.count == 1;
}

void vr_overlay_claim_begun(struct vr_overlay *o) {
  for (size_t i = 0; i < o->n_ports; i++)
    if (is_only_port(o, &o->ports[i]))
      claim_begun(o, &o->ports[i]);
}

void vr_overlay_take_leave(struct vr_overlay *o) {
  for (struct vr_location *l = o->locations.head; l; l = l->hh.next)
    if (!l->gone && vr_overlay_is_here(o, l))
      take_leave(o, l);
}

/* --- what is there when the daemon starts --- */

/* The kernel has a guest's address at a port: it is here. */
static void adopt_here(struct vr_overlay *o, const struct vr_lan *lan,
                       const struct vr_overlay_entry *e) {
  struct vr_location *l = vr_locations_find(&o->locations, lan->vni, &e->mac);
  struct vr_overlay_port *p = vr_overlay_port_at(o, e->port);
  if (l && vr_overlay_is_here(o, l) && !l->gone)
    l->port = e->port;
  else if (p && vr_overlay_port_may_use(p, &e->mac))
    vr_overlay_claim(o, p, &e->mac);
}

/* The kernel sends to another host. Nothing is known of how new that is. */
static void adopt_there(struct vr_overlay *o, const struct vr_lan *lan,
                        const struct vr_overlay_entry *e) {
  const struct vr_member *m = vr_members_at(&o->options.members, &e->to);
  struct vr_location *l = vr_locations_find(&o->locations, lan->vni, &e->mac);
  struct vr_announcement a = {.mac = e->mac, .vni = lan->vni};
  if (!m || vr_mac_is_same(&e->mac, &(struct vr_mac){{0}}) ||
      (l && !vr_overlay_is_here(o, l)))
    return;
  if (l)
    vr_locations_drop(&o->locations, l);
  strcpy(a.host, m->name);
  strcpy(a.guest, "unknown");
  vr_locations_restore(&o->locations, &a);
}

void vr_overlay_adopt(struct vr_overlay *o) {
  vr_cleanup(vr_rtnl_fdb_clear) struct vr_rtnl_fdb present = {0};
  if (vr_rtnl_fdb_read(o->rtnl, &present) < 0)
    return;
  for (size_t i = 0; i < present.n; i++)
    for (size_t k = 0; k < o->options.n_lans; k++) {
      const struct vr_lan *lan = &o->options.lans[k];
      const struct vr_overlay_entry *e = &present.list[i];
      if (!lan->device_index || !vr_overlay_is_ours(o, lan, e))
        continue;
      if (e->of_vxlan)
        adopt_there(o, lan, e);
      else if (e->sticky && e->port != lan->device_index)
        adopt_here(o, lan, e);
    }
}
