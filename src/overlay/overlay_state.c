/* SPDX-License-Identifier: MIT
 *
 * The state file: what vmrecon-net shows, and what lets generations grow across
 * a restart of the machine.
 */
#include "overlay/overlay_state.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define FORMAT "vmrecon-overlay"

enum { VERSION = 1 };

/* --- writing --- */

static void put_mac(json_t *object, const struct vr_location_key *key) {
  char mac[VR_MAC_HEX];
  vr_mac_format(&key->mac, mac);
  json_object_set_new(object, "mac", json_string(mac));
  json_object_set_new(object, "vni", json_integer(key->vni));
}

/* The names of guests come from outside, and need not be UTF-8. */
static json_t *text(const char *name) {
  json_t *t = json_string(name);
  return t ? t : json_string("?");
}

static json_t *location_object(const struct vr_location *l) {
  json_t *o = json_object();
  put_mac(o, &l->key);
  json_object_set_new(o, "host", text(l->host));
  json_object_set_new(o, "guest", text(l->guest));
  json_object_set_new(o, "generation", json_integer((json_int_t)l->generation));
  json_object_set_new(o, "gone", json_boolean(l->gone));
  json_object_set_new(o, "sent", json_integer(l->sent));
  json_object_set_new(o, "since", json_integer(l->since));
  json_object_set_new(o, "moves", json_integer(l->n_moves));
  return o;
}

static json_t *locations_array(const struct vr_overlay *o) {
  json_t *array = json_array();
  for (const struct vr_location *l = o->locations.head; l; l = l->hh.next)
    json_array_append_new(array, location_object(l));
  return array;
}

static json_t *ways_array(const struct vr_overlay *o) {
  json_t *array = json_array();
  for (size_t i = 0; i < o->ways.n; i++) {
    const struct vr_way *w = &o->ways.list[i];
    if (w->kind == VR_WAY_DEFAULT)
      continue;
    json_t *object = json_object();
    json_object_set_new(object, "from", text(w->from));
    json_object_set_new(object, "to", text(w->to));
    if (w->kind == VR_WAY_VIA)
      json_object_set_new(object, "via", text(w->via));
    json_object_set_new(object, "generation",
                        json_integer((json_int_t)w->generation));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *hosts_array(const struct vr_overlay *o,
                           const struct vr_lan *lan) {
  json_t *array = json_array();
  for (size_t i = 0; i < o->options.members.n; i++)
    if (vr_lan_has(lan, o->options.members.list[i].name))
      json_array_append_new(array, text(o->options.members.list[i].name));
  return array;
}

static json_t *lans_array(const struct vr_overlay *o) {
  json_t *array = json_array();
  for (size_t i = 0; i < o->options.n_lans; i++) {
    const struct vr_lan *lan = &o->options.lans[i];
    json_t *object = json_object();
    json_object_set_new(object, "name", text(lan->name));
    json_object_set_new(object, "vni", json_integer(lan->vni));
    json_object_set_new(object, "bridge", text(lan->bridge));
    json_object_set_new(object, "device", text(lan->device));
    json_object_set_new(object, "mtu", json_integer(lan->real_mtu));
    json_object_set_new(object, "managed", json_boolean(lan->manage));
    json_object_set_new(object, "up", json_boolean(lan->device_index > 0));
    json_object_set_new(object, "hosts", hosts_array(o, lan));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *migrations_array(const struct vr_overlay *o) {
  json_t *array = json_array();
  size_t n = o->n_migrations;
  for (size_t i = n > VR_OVERLAY_MIGRATIONS ? n - VR_OVERLAY_MIGRATIONS : 0;
       i < n; i++) {
    const struct vr_overlay_migration *m =
        &o->migrations[i % VR_OVERLAY_MIGRATIONS];
    json_t *object = json_object();
    put_mac(object, &m->key);
    json_object_set_new(object, "guest", text(m->guest));
    json_object_set_new(object, "from", text(m->from));
    json_object_set_new(object, "to", text(m->to));
    json_object_set_new(object, "at", json_integer(m->at));
    json_object_set_new(object, "gap", json_integer(m->gap));
    json_array_append_new(array, object);
  }
  return array;
}

static json_t *counters_object(const struct vr_overlay *o) {
  json_t *object = json_object();
  json_object_set_new(object, "sent", json_integer((json_int_t)o->sent));
  json_object_set_new(object, "taken", json_integer((json_int_t)o->taken));
  json_object_set_new(object, "held", json_integer((json_int_t)o->held));
  json_object_set_new(object, "migrations",
                      json_integer((json_int_t)o->n_migrations));
  return object;
}

static json_t *refused_object(const struct vr_overlay *o) {
  json_t *object = json_object();
  for (int i = VR_REFUSAL_NONE + 1; i < VR_REFUSAL_KINDS; i++)
    json_object_set_new(object, vr_refusal_name((enum vr_refusal)i),
                        json_integer((json_int_t)o->refused[i]));
  return object;
}

char *vr_overlay_state_format(const struct vr_overlay *o) {
  json_auto_t *root = json_object();
  json_object_set_new(root, "format", json_string(FORMAT));
  json_object_set_new(root, "version", json_integer(VERSION));
  json_object_set_new(root, "host", text(o->options.self));
  json_object_set_new(root, "written", json_integer(vr_overlay_now()));
  json_object_set_new(root, "newest",
                      json_integer((json_int_t)o->locations.newest));
  json_object_set_new(root, "relay", json_boolean(o->options.relay));
  json_object_set_new(root, "pretend", json_boolean(o->options.pretend));
  json_object_set_new(root, "lans", lans_array(o));
  json_object_set_new(root, "locations", locations_array(o));
  json_object_set_new(root, "ways", ways_array(o));
  json_object_set_new(root, "migrations", migrations_array(o));
  json_object_set_new(root, "counters", counters_object(o));
  json_object_set_new(root, "refused", refused_object(o));
  return json_dumps(root, JSON_INDENT(1));
}

/* --- reading --- */

static const char *text_of(const json_t *object, const char *key) {
  const char *t = json_string_value(json_object_get(object, key));
  return t ? t : "";
}

static void take_location(struct vr_overlay *o, const json_t *object) {
  struct vr_announcement a;
  char instance[64];
  json_int_t generation =
      json_integer_value(json_object_get(object, "generation"));
  bool gone = json_is_true(json_object_get(object, "gone"));
  snprintf(instance, sizeof(instance), "mac_%.12s_%u", text_of(object, "mac"),
           (unsigned)json_integer_value(json_object_get(object, "vni")));
  if (vr_announcement_parse(
          text_of(object, "host"), text_of(object, "guest"), instance,
          gone ? -(double)generation : (double)generation,
          json_integer_value(json_object_get(object, "sent")), &a) < 0)
    return; /* one bad line costs that address */
  struct vr_location *l = vr_locations_restore(&o->locations, &a);
  if (l)
    l->since = json_integer_value(json_object_get(object, "since"));
}

/* A generation of the future would refuse everything that comes. */
static uint64_t newest_of(const json_t *root) {
  json_int_t newest = json_integer_value(json_object_get(root, "newest"));
  json_int_t most = vr_overlay_now() / 1000 + VR_REFUSAL_WINDOW_S * 1000;
  return newest < 0 ? 0 : (uint64_t)(newest > most ? most : newest);
}

int vr_overlay_state_parse(struct vr_overlay *o, const char *json) {
  json_auto_t *root = json_loads(json, 0, NULL);
  const json_t *list = json_object_get(root, "locations"), *object;
  size_t i;
  if (strcmp(text_of(root, "format"), FORMAT) != 0 ||
      json_integer_value(json_object_get(root, "version")) != VERSION)
    return -EINVAL;
  o->locations.newest = newest_of(root);
  json_array_foreach(list, i, object) take_location(o, object);
  return 0;
}
