/* SPDX-License-Identifier: MIT */
#include "overlay/overlay_remove.h"

#include "basic/cleanup.h"
#include "overlay/rtnl_fdb.h"
#include "overlay/rtnl_link.h"
#include "overlay/rtnl_route.h"

#include <stdio.h>
#include <string.h>

struct removal {
  struct vr_rtnl *r;
  struct vr_rtnl_links links;
  struct vr_rtnl_fdb fdb;
  struct vr_rtnl_routes routes;
  void (*say)(void *ctx, const char *what, int error);
  void *ctx;
  int first_error;
};

static void clear(struct removal *m) {
  vr_rtnl_close(m->r);
  vr_rtnl_links_clear(&m->links);
  vr_rtnl_fdb_clear(&m->fdb);
  vr_rtnl_routes_clear(&m->routes);
}

static void report(struct removal *m, const char *what, int error) {
  m->say(m->ctx, what, error);
  if (m->first_error == 0)
    m->first_error = error;
}

/* What we have entered in a bridge that is somebody else's: what is sticky at
 * its other ports. What is at our VXLAN goes with it. */
static void remove_entries(struct removal *m, const struct vr_rtnl_link *ours) {
  for (size_t i = 0; i < m->fdb.n; i++) {
    const struct vr_overlay_entry *e = &m->fdb.list[i];
    const struct vr_rtnl_link *port = vr_rtnl_links_at(&m->links, e->port);
    char what[128], mac[VR_MAC_HEX];
    if (!port || e->of_vxlan || !e->sticky || port->master != ours->master ||
        port->index == ours->index)
      continue;
    vr_mac_format(&e->mac, mac);
    snprintf(what, sizeof(what), "entry of %s at %s", mac, port->name);
    report(m, what, vr_rtnl_fdb_delete(m->r, e));
  }
}

static void remove_link(struct removal *m, const struct vr_rtnl_link *l) {
  char what[64];
  const struct vr_rtnl_link *bridge = vr_rtnl_links_at(&m->links, l->master);
  if (bridge && !vr_rtnl_link_is_ours(bridge))
    remove_entries(m, l);
  snprintf(what, sizeof(what), "%s %s", l->kind, l->name);
  report(m, what, vr_rtnl_link_delete(m->r, l->index));
}

static bool is_vxlan(const struct vr_rtnl_link *l) {
  return strcmp(l->kind, "vxlan") == 0;
}

static void remove_routes(struct removal *m) {
  for (size_t i = 0; i < m->routes.n; i++) {
    const struct vr_rtnl_route *route = &m->routes.list[i];
    char what[64], to[VR_ADDRESS_TEXT];
    if (!route->ours)
      continue;
    vr_address_format(&route->to, to);
    snprintf(what, sizeof(what), "route to %s", to);
    report(m, what, vr_rtnl_route_delete(m->r, route));
  }
}

int vr_overlay_remove(void (*say)(void *ctx, const char *what, int error),
                      void *ctx) {
  vr_cleanup(clear) struct removal m = {.say = say, .ctx = ctx};
  int r = vr_rtnl_open(&m.r);
  if (r == 0)
    r = vr_rtnl_links_read(m.r, &m.links);
  if (r == 0)
    r = vr_rtnl_fdb_read(m.r, &m.fdb);
  if (r == 0)
    r = vr_rtnl_routes_read(m.r, &m.routes);
  if (r < 0)
    return r;
  for (int vxlans = 1; vxlans >= 0; vxlans--)
    for (size_t i = 0; i < m.links.n; i++)
      if (vr_rtnl_link_is_ours(&m.links.list[i]) &&
          is_vxlan(&m.links.list[i]) == (vxlans == 1))
        remove_link(&m, &m.links.list[i]);
  remove_routes(&m);
  return m.first_error;
}
