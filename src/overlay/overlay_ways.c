/* SPDX-License-Identifier: MIT */
#include "overlay/overlay_ways.h"

#include "basic/cleanup.h"
#include "overlay/rtnl_route.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { MAX_FILE = 32 << 20 };

/* --- a host --- */

static const struct vr_address *vtep_of(const struct vr_overlay *o,
                                        const char *host) {
  return &vr_members_find(&o->options.members, host)->vtep;
}

static void say_way(const struct vr_overlay *o, const struct vr_way *w) {
  const char *would = o->options.pretend ? "Pretend: would reach" : "reaches";
  if (w->kind == VR_WAY_VIA)
    vr_log_notice("this host %s %s through %s", would, w->to, w->via);
  else
    vr_log_notice("this host %s %s %s", would, w->to,
                  w->kind == VR_WAY_DIRECT ? "directly"
                                           : "as its own routes say");
}

/* What the routes of ours should be. *RET_INDEX: the interface with our VTEP.
 */
static struct vr_rtnl_route wanted_of(const struct vr_overlay *o,
                                      const struct vr_way *w, unsigned index) {
  return (struct vr_rtnl_route){.to = *vtep_of(o, w->to),
                                .gateway = w->kind == VR_WAY_VIA
                                               ? *vtep_of(o, w->via)
                                               : (struct vr_address){0},
                                .index = index,
                                .ours = true};
}

static bool is_same(const struct vr_rtnl_route *a,
                    const struct vr_rtnl_route *b) {
  return a->index == b->index && vr_address_is_same(&a->to, &b->to) &&
         a->gateway.family == b->gateway.family &&
         (!a->gateway.family || vr_address_is_same(&a->gateway, &b->gateway));
}

static const struct vr_rtnl_route *route_to(const struct vr_rtnl_routes *t,
                                            const struct vr_address *to) {
  for (size_t i = 0; i < t->n; i++)
    if (vr_address_is_same(&t->list[i].to, to))
      return &t->list[i];
  return NULL;
}

static int set_one(struct vr_overlay *o, const struct vr_rtnl_routes *present,
                   const struct vr_way *w, unsigned index) {
  struct vr_rtnl_route wanted = wanted_of(o, w, index);
  const struct vr_rtnl_route *there = route_to(present, &wanted.to);
  if (there && !there->ours)
    return -EEXIST;
  return there && is_same(there, &wanted) ? 0
                                          : vr_rtnl_route_set(o->rtnl, &wanted);
}

static const struct vr_way *way_to(const struct vr_overlay *o,
                                   const struct vr_address *to) {
  for (size_t i = 0; i < o->ways.n; i++)
    if (o->ways.list[i].kind != VR_WAY_DEFAULT &&
        vr_address_is_same(vtep_of(o, o->ways.list[i].to), to))
      return &o->ways.list[i];
  return NULL;
}

/* What is set comes first, so that no way is missing meanwhile. */
static int set_all(struct vr_overlay *o) {
  vr_cleanup(vr_rtnl_routes_clear) struct vr_rtnl_routes present = {0};
  unsigned index = 0;
  int r = vr_rtnl_routes_read(o->rtnl, &present), first = r;
  if (r == 0)
    first =
        vr_rtnl_link_of_address(o->rtnl, vtep_of(o, o->options.self), &index);
  for (size_t i = 0; r == 0 && index > 0 && i < o->ways.n; i++)
    if (o->ways.list[i].kind != VR_WAY_DEFAULT) {
      int e = set_one(o, &present, &o->ways.list[i], index);
      first = first == 0 ? e : first;
    }
  for (size_t i = 0; i < present.n; i++)
    if (present.list[i].ours && !way_to(o, &present.list[i].to)) {
      int e = vr_rtnl_route_delete(o->rtnl, &present.list[i]);
      first = first == 0 ? e : first;
    }
  return first;
}

static void apply(struct vr_overlay *o) {
  if (o->options.pretend)
    return;
  int r = set_all(o);
  if (r < 0)
    vr_log_complain(&o->unrouted, LOG_ERR,
                    "a route to another host cannot be set: %s%s", strerror(-r),
                    r == -EEXIST
                        ? ": there is one with metric 5 that is not this "
                          "plugin's: give it another metric"
                        : "");
  else
    vr_log_relieved(&o->unrouted, "routes to other hosts are set again");
}

enum vr_refusal vr_overlay_ways_take(struct vr_overlay *o,
                                     const struct vr_overlay_value *v) {
  struct vr_way w;
  bool changed = false;
  if (vr_ways_parse(v->host, v->guest, v->instance, v->value, v->sent, &w) < 0)
    return VR_REFUSAL_MALFORMED;
  if (!o->options.follow_paths || !o->rtnl ||
      strcmp(w.from, o->options.self) != 0)
    return VR_REFUSAL_NONE; /* none of our business */
  enum vr_refusal r =
      vr_ways_judge(&o->options.members, v->user, &w, vr_overlay_now());
  if (r == VR_REFUSAL_NONE)
    r = vr_ways_take(&o->ways, &w, vr_overlay_now(), &changed);
  if (r != VR_REFUSAL_NONE || !changed)
    return r;
  say_way(o, &w);
  apply(o);
  return r;
}

static void adopt(struct vr_overlay *o, const struct vr_rtnl_route *route) {
  const struct vr_members *m = &o->options.members;
  const struct vr_member *to = vr_members_at(m, &route->to);
  const struct vr_member *via =
      route->gateway.family ? vr_members_at(m, &route->gateway) : NULL;
  struct vr_way w = {.kind = via ? VR_WAY_VIA : VR_WAY_DIRECT};
  bool changed;
  if (!route->ours || !to || (route->gateway.family && !via))
    return;
  strcpy(w.from, o->options.self);
  strcpy(w.to, to->name);
  strcpy(w.via, via ? via->name : "");
  vr_ways_take(&o->ways, &w, vr_overlay_now(), &changed);
}

void vr_overlay_ways_adopt(struct vr_overlay *o) {
  vr_cleanup(vr_rtnl_routes_clear) struct vr_rtnl_routes present = {0};
  if (!o->options.follow_paths ||
      strlen(o->options.self) >= VR_ANNOUNCEMENT_NAME ||
      vr_rtnl_routes_read(o->rtnl, &present) < 0)
    return;
  for (size_t i = 0; i < present.n; i++)
    adopt(o, &present.list[i]);
}

void vr_overlay_ways_reconcile(struct vr_overlay *o) {
  if (vr_ways_expire(&o->ways, vr_overlay_now()))
    vr_log_notice("of some ways nothing was heard for %d s: they are the "
                  "host's own again",
                  VR_WAYS_SILENCE_S);
  apply(o);
}

/* --- a central --- */

static const char *text_of(const json_t *o, const char *key) {
  const char *t = json_string_value(json_object_get(o, key));
  return t ? t : "";
}

static bool take_decisions(struct vr_overlay *o, const char *text) {
  json_auto_t *root = text ? json_loads(text, 0, NULL) : NULL;
  const json_t *list = json_object_get(root, "decided"), *route;
  size_t i;
  if (!json_is_array(list))
    return false;
  vr_ways_begin(&o->ways);
  json_array_foreach(list, i, route) {
    const json_t *via = json_object_get(route, "via");
    vr_ways_decide(&o->ways, text_of(route, "from"), text_of(route, "to"),
                   json_string_value(via), vr_overlay_now());
  }
  vr_ways_end(&o->ways, vr_overlay_now());
  return true;
}

char *vr_overlay_ways_read(const struct vr_overlay *o) {
  char *text = NULL;
  vr_remote_read(o->options.paths_file, MAX_FILE, &text, NULL);
  return text;
}

void vr_overlay_ways_pass_on(struct vr_overlay *o, const char *text) {
  if (!take_decisions(o, text))
    vr_log_complain(&o->undecided, LOG_WARNING,
                    "PathsFile: %s: cannot be read, or has no \"decided\": "
                    "hosts keep their ways for %d s",
                    o->options.paths_file, VR_WAYS_SILENCE_S);
  else
    vr_log_relieved(&o->undecided, "PathsFile: %s can be used again",
                    o->options.paths_file);
  for (size_t i = 0; text && o->running && i < o->ways.n; i++) {
    struct vr_way *w = &o->ways.list[i];
    w->sent = vr_overlay_now();
    o->sent += o->options.send_way(w) == 0;
  }
}
