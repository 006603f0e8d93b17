/* SPDX-License-Identifier: MIT */
#include "topology/instance_underlay.h"

#include "basic/cleanup.h"
#include "topology/instance_seen.h"
#include "topology/parse_json.h"
#include "topology/paths_print.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct reader {
  const char *name;
  char where[80]; /* "underlay.links[3]" */
  struct vr_instance *i;
  struct vr_error *error;
};

static int wrong(struct reader *r, const char *key, const char *what) {
  return vr_error_set(r->error, -EINVAL, "%.200s: %s%s%s: %s", r->name,
                      r->where, *key ? "." : "", key, what);
}

static int no_memory(struct reader *r) {
  return vr_error_set(r->error, -ENOMEM, "%.200s: %s", r->name,
                      strerror(ENOMEM));
}

static int get_host(struct reader *r, const json_t *v, const char *key,
                    size_t *ret) {
  const char *name = json_string_value(v);
  long h = name ? vr_placement_host_index(&r->i->placement, name) : -1;
  if (h < 0)
    return wrong(r, key, "must be the name of a host of \"hosts\"");
  *ret = (size_t)h;
  return 0;
}

static int get_positive(struct reader *r, const json_t *o, const char *key,
                        double most, double *ret) {
  const json_t *v = json_object_get(o, key);
  double x = json_is_number(v) ? json_number_value(v) : NAN;
  if (!(x > 0 && x <= most))
    return wrong(r, key, "must be a number greater than 0");
  *ret = x;
  return 0;
}

/* An array of hosts as flags; all of them where there is none. */
static int get_hosts(struct reader *r, const json_t *array, const char *key,
                     bool *flags) {
  const json_t *element;
  size_t k, host = 0;
  if (array && !json_is_array(array))
    return wrong(r, key, "must be an array of hosts");
  for (k = 0; !array && k < r->i->paths.n; k++)
    flags[k] = true;
  json_array_foreach(array, k, element) {
    int e = get_host(r, element, key, &host);
    if (e < 0)
      return e;
    flags[host] = true;
  }
  return 0;
}

static int read_link(struct reader *r, const json_t *o) {
  const char *name = json_string_value(json_object_get(o, "name"));
  const char *source = json_string_value(json_object_get(o, "source"));
  double capacity, delay = 0, other = 0;
  if (!name || !*name || strlen(name) >= VR_PATHS_NAME)
    return wrong(r, "name", "must be a name of 1 to 63 bytes");
  int e = get_positive(r, o, "capacity", 1e15, &capacity);
  if (e == 0 && json_object_get(o, "delay"))
    e = get_positive(r, o, "delay", 3600, &delay);
  if (e == 0 && json_object_get(o, "other"))
    e = get_positive(r, o, "other", 1e15, &other);
  if (e < 0)
    return e;
  struct vr_paths_link *l =
      vr_paths_add_link(&r->i->paths, name, capacity, delay);
  if (!l)
    return no_memory(r);
  l->other = other;
  snprintf(l->source, sizeof(l->source), "%s", source ? source : "");
  e = get_hosts(r, json_object_get(o, "from"), "from", l->from);
  return e == 0 ? get_hosts(r, json_object_get(o, "to"), "to", l->to) : e;
}

static int get_pair(struct reader *r, const json_t *from, const json_t *to,
                    size_t *ret_way) {
  size_t i = 0, j = 0;
  int e = get_host(r, from, "from", &i);
  if (e == 0)
    e = get_host(r, to, "to", &j);
  if (e == 0 && i == j)
    e = wrong(r, "to", "must be another host");
  if (e == 0)
    *ret_way = i * r->i->paths.n + j;
  return e;
}

static int read_unreachable(struct reader *r, const json_t *o) {
  size_t way = 0;
  int e =
      get_pair(r, json_object_get(o, "from"), json_object_get(o, "to"), &way);
  if (e == 0)
    r->i->paths.unreachable[way] = true;
  return e;
}

static int read_route(struct reader *r, const json_t *o) {
  const json_t *via = json_object_get(o, "via");
  size_t way = 0, host = VR_PATHS_DIRECT;
  int e =
      get_pair(r, json_object_get(o, "from"), json_object_get(o, "to"), &way);
  if (e == 0 && via && !json_is_null(via))
    e = get_host(r, via, "via", &host);
  if (e == 0)
    r->i->paths.via[way] = host;
  return e;
}

static int read_ban(struct reader *r, const json_t *o) {
  const json_t *via = json_object_get(o, "via");
  struct vr_paths *p = &r->i->paths;
  size_t way = 0, host = VR_PATHS_DIRECT;
  int e =
      get_pair(r, json_object_get(o, "from"), json_object_get(o, "to"), &way);
  if (e == 0 && via && !json_is_null(via))
    e = get_host(r, via, "via", &host);
  if (e < 0)
    return e;
  if (host == vr_paths_default(p, way / p->n, way % p->n))
    return wrong(r, "via", "is the default");
  return vr_paths_add_ban(p, way / p->n, way % p->n, host) < 0 ? no_memory(r)
                                                               : 0;
}

static int each(struct reader *r, const json_t *o, const char *key, size_t max,
                int (*read)(struct reader *r, const json_t *element)) {
  const json_t *array = json_object_get(o, key), *element;
  size_t k;
  snprintf(r->where, sizeof(r->where), "underlay");
  if (array && (!json_is_array(array) || json_array_size(array) > max))
    return wrong(r, key, "must be an array that is not too long");
  json_array_foreach(array, k, element) {
    snprintf(r->where, sizeof(r->where), "underlay.%s[%zu]", key, k);
    int e = read(r, element);
    if (e < 0)
      return e;
  }
  snprintf(r->where, sizeof(r->where), "underlay");
  return 0;
}

static int read_hub(struct reader *r, const json_t *o) {
  const json_t *hub = json_object_get(o, "hub");
  struct vr_paths *p = &r->i->paths;
  int e = hub ? get_host(r, hub, "hub", &p->hub) : 0;
  if (e < 0)
    return e;
  for (size_t w = 0; w < p->n * p->n; w++)
    if (w / p->n != w % p->n)
      p->via[w] = vr_paths_default(p, w / p->n, w % p->n);
  return 0;
}

static int read_parts(struct reader *r, const json_t *o) {
  struct vr_paths *p = &r->i->paths;
  const json_t *relays = json_object_get(o, "relays");
  int e = each(r, o, "links", VR_PATHS_LINKS, read_link);
  if (e == 0)
    e = each(r, o, "unreachable", p->n * p->n, read_unreachable);
  if (e == 0 && relays)
    e = get_hosts(r, relays, "relays", p->relays);
  if (e == 0)
    e = read_hub(r, o);
  if (e == 0)
    e = each(r, o, "routes", p->n * p->n, read_route);
  if (e == 0)
    e = each(r, o, "banned", VR_PATHS_LINKS, read_ban);
  if (e == 0 && !vr_paths_are_valid(p, p->via))
    e = wrong(r, "routes", "a relay does not reach the destination directly");
  vr_instance_seen_read(o, r->i);
  if (e == 0 && vr_paths_take_demands(p, &r->i->placement) < 0)
    e = no_memory(r);
  return e;
}

static int read_underlay(struct reader *r, const json_t *o) {
  if (!json_is_object(o))
    return wrong(r, "", "must be an object");
  int e = vr_paths_init(&r->i->paths, r->i->placement.n_hosts);
  if (e < 0)
    return e == -EINVAL ? wrong(r, "", "there are more than 64 hosts")
                        : no_memory(r);
  return read_parts(r, o);
}

int vr_instance_underlay_read(const char *name, const json_t *root,
                              struct vr_instance *i,
                              struct vr_error *ret_error) {
  const json_t *o = json_object_get(root, "underlay");
  const json_t *plan = json_object_get(root, "paths");
  struct reader r = {
      .name = name, .where = "underlay", .i = i, .error = ret_error};
  if (!o)
    return 0;
  int e = read_underlay(&r, o);
  if (e == 0 && plan &&
      !(i->plan = json_dumps(plan, JSON_COMPACT | JSON_REAL_PRECISION(12))))
    e = no_memory(&r);
  return e;
}

static int make_plan(struct vr_instance *i, struct vr_paths_keeper *keeper,
                     struct vr_paths_plan *ret_plan,
                     enum vr_paths_keeper_change *ret_change) {
  vr_cleanup(vr_paths_plan_clear) struct vr_paths_plan plan = {0};
  /* Links may have been added since. */
  int r = keeper ? vr_paths_keeper_begin(keeper, i)
                 : vr_paths_take_demands(&i->paths, &i->placement);
  if (r < 0 || vr_paths_find(&i->paths, &plan) < 0)
    return -ENOMEM;
  i->plan = vr_paths_json(i, &plan);
  if (keeper) {
    *ret_change = vr_paths_keeper_decide(keeper, i, &plan);
    i->decided = vr_paths_keeper_json(keeper);
  }
  if (!i->plan || (keeper && !i->decided))
    return -ENOMEM;
  *ret_plan = plan;
  plan = (struct vr_paths_plan){0};
  return 0;
}

int vr_instance_underlay_take(const char *name, const char *text,
                              struct vr_instance *i,
                              struct vr_error *ret_error) {
  struct reader r = {
      .name = name, .where = "underlay", .i = i, .error = ret_error};
  json_auto_t *root =
      vr_parse_json(name, text, JSON_REJECT_DUPLICATES, ret_error);
  if (!root)
    return -EINVAL;
  int e = read_underlay(&r, root);
  if (e < 0)
    vr_paths_clear(&i->paths);
  return e;
}

int vr_instance_underlay_plan(struct vr_instance *i,
                              struct vr_paths_keeper *keeper,
                              struct vr_paths_plan *ret_plan,
                              enum vr_paths_keeper_change *ret_change) {
  int e = make_plan(i, keeper, ret_plan, ret_change);
  if (e < 0)
    vr_paths_clear(&i->paths);
  return e;
}

/* --- writing --- */

static void set(json_t *object, const char *key, json_t *value, bool *ok) {
  if (json_object_set_new(object, key, value) < 0)
    *ok = false;
}

static void append(json_t *array, json_t *value, bool *ok) {
  if (json_array_append_new(array, value) < 0)
    *ok = false;
}

static json_t *name_of(const struct vr_instance *i, size_t host) {
  return json_string(i->placement.hosts[host].name);
}

static void set_hosts(const struct vr_instance *i, json_t *o, const char *key,
                      const bool *flags, bool *ok) {
  json_t *array = json_array();
  for (size_t h = 0; h < i->paths.n; h++)
    if (flags[h])
      append(array, name_of(i, h), ok);
  set(o, key, array, ok);
}

static json_t *links_array(const struct vr_instance *i, bool *ok) {
  json_t *array = json_array();
  for (size_t k = 0; k < i->paths.n_links; k++) {
    const struct vr_paths_link *l = &i->paths.links[k];
    json_t *o = json_object();
    set(o, "name", json_string(l->name), ok);
    set(o, "capacity", json_real(l->capacity), ok);
    if (l->delay > 0)
      set(o, "delay", json_real(l->delay), ok);
    if (l->source[0])
      set(o, "source", json_string(l->source), ok);
    if (l->other > 0)
      set(o, "other", json_real(l->other), ok);
    set_hosts(i, o, "from", l->from, ok);
    set_hosts(i, o, "to", l->to, ok);
    append(array, o, ok);
  }
  return array;
}

static json_t *way_object(const struct vr_instance *i, size_t way, bool *ok) {
  json_t *o = json_object();
  set(o, "from", name_of(i, way / i->paths.n), ok);
  set(o, "to", name_of(i, way % i->paths.n), ok);
  return o;
}

static void write_ways(const struct vr_instance *i, json_t *o, bool *ok) {
  const struct vr_paths *p = &i->paths;
  json_t *routes = json_array(), *unreachable = json_array();
  for (size_t w = 0; w < p->n * p->n; w++) {
    if (w / p->n == w % p->n)
      continue;
    if (p->unreachable[w])
      append(unreachable, way_object(i, w, ok), ok);
    if (p->via[w] == vr_paths_default(p, w / p->n, w % p->n))
      continue;
    json_t *route = way_object(i, w, ok);
    set(route, "via",
        p->via[w] == VR_PATHS_DIRECT ? json_null() : name_of(i, p->via[w]), ok);
    append(routes, route, ok);
  }
  set(o, "unreachable", unreachable, ok);
  set(o, "routes", routes, ok);
}

static void write_bans(const struct vr_instance *i, json_t *o, bool *ok) {
  json_t *array = json_array();
  for (size_t k = 0; k < i->paths.n_bans; k++) {
    const struct vr_paths_ban *b = &i->paths.bans[k];
    json_t *ban = way_object(i, b->from * i->paths.n + b->to, ok);
    set(ban, "via",
        b->via == VR_PATHS_DIRECT ? json_null() : name_of(i, b->via), ok);
    append(array, ban, ok);
  }
  set(o, "banned", array, ok);
}

void vr_instance_underlay_write(const struct vr_instance *i, json_t *root,
                                bool *ok) {
  if (i->paths.n == 0)
    return;
  json_t *o = json_object();
  if (i->paths.hub < i->paths.n)
    set(o, "hub", name_of(i, i->paths.hub), ok);
  set_hosts(i, o, "relays", i->paths.relays, ok);
  set(o, "links", links_array(i, ok), ok);
  write_ways(i, o, ok);
  if (i->paths.n_bans > 0)
    write_bans(i, o, ok);
  vr_instance_seen_write(i, o, ok);
  set(root, "underlay", o, ok);
  if (i->plan)
    set(root, "paths", json_loads(i->plan, 0, NULL), ok);
  if (i->decided)
    set(root, "decided", json_loads(i->decided, 0, NULL), ok);
}
