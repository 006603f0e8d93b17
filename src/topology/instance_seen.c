/* SPDX-License-Identifier: MIT */
#include "topology/instance_seen.h"

#include <math.h>
#include <stdio.h>

static long host_in(const struct vr_instance *i, const json_t *o,
                    const char *key) {
  const char *name = json_string_value(json_object_get(o, key));
  return name ? vr_placement_host_index(&i->placement, name) : -1;
}

static double number_in(const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  double x = json_is_number(v) ? json_number_value(v) : NAN;
  return x >= 0 && x <= 1e15 ? x : NAN;
}

static void read_card(struct vr_instance *i, const json_t *o) {
  long h = host_in(i, o, "host");
  const char *name = json_string_value(json_object_get(o, "name"));
  double speed = number_in(o, "speed"), mtu = number_in(o, "mtu");
  if (h < 0 || !name)
    return;
  struct vr_paths_card *c = &i->paths.cards[h];
  snprintf(c->interface, sizeof(c->interface), "%s", name);
  c->speed = isnan(speed) ? 0 : speed;
  c->mtu = mtu >= 1 && mtu <= 1 << 30 ? (unsigned)mtu : 0;
}

static void read_seen(struct vr_instance *i, const json_t *o) {
  long from = host_in(i, o, "from"), to = host_in(i, o, "to");
  if (from < 0 || to < 0 || from == to)
    return;
  struct vr_paths_seen *s =
      &i->paths.seen[(size_t)from * i->paths.n + (size_t)to];
  s->delay = number_in(o, "delay");
  s->drop = number_in(o, "drop");
  s->loss = number_in(o, "loss");
  s->lossy = json_is_true(json_object_get(o, "lossy"));
}

void vr_instance_seen_read(const json_t *underlay, struct vr_instance *i) {
  const json_t *o;
  size_t k;
  json_array_foreach(json_object_get(underlay, "interfaces"), k, o)
      read_card(i, o);
  json_array_foreach(json_object_get(underlay, "seen"), k, o) read_seen(i, o);
}

/* --- writing --- */

static void set(json_t *o, const char *key, json_t *value, bool *ok) {
  *ok = json_object_set_new(o, key, value) == 0 && *ok;
}

static void set_known(json_t *o, const char *key, double x, bool *ok) {
  if (!isnan(x))
    set(o, key, json_real(x), ok);
}

static json_t *card_object(const struct vr_instance *i, size_t h, bool *ok) {
  const struct vr_paths_card *c = &i->paths.cards[h];
  json_t *o = json_object();
  set(o, "host", json_string(i->placement.hosts[h].name), ok);
  set(o, "name", json_string(c->interface), ok);
  if (c->speed > 0)
    set(o, "speed", json_real(c->speed), ok);
  if (c->mtu > 0)
    set(o, "mtu", json_integer(c->mtu), ok);
  return o;
}

static json_t *seen_object(const struct vr_instance *i, size_t way, bool *ok) {
  const struct vr_paths_seen *s = &i->paths.seen[way];
  const struct vr_placement_host *hosts = i->placement.hosts;
  json_t *o = json_object();
  set(o, "from", json_string(hosts[way / i->paths.n].name), ok);
  set(o, "to", json_string(hosts[way % i->paths.n].name), ok);
  set_known(o, "delay", s->delay, ok);
  set_known(o, "drop", s->drop, ok);
  set_known(o, "loss", s->loss, ok);
  if (s->lossy)
    set(o, "lossy", json_true(), ok);
  return o;
}

void vr_instance_seen_write(const struct vr_instance *i, json_t *underlay,
                            bool *ok) {
  const struct vr_paths *p = &i->paths;
  json_t *cards = json_array(), *seen = json_array();
  for (size_t h = 0; h < p->n; h++)
    if (p->cards[h].interface[0])
      *ok = json_array_append_new(cards, card_object(i, h, ok)) == 0 && *ok;
  for (size_t w = 0; w < p->n * p->n; w++) {
    const struct vr_paths_seen *s = &p->seen[w];
    if (!isnan(s->delay) || !isnan(s->drop) || !isnan(s->loss))
      *ok = json_array_append_new(seen, seen_object(i, w, ok)) == 0 && *ok;
  }
  set(underlay, "interfaces", cards, ok);
  set(underlay, "seen", seen, ok);
}
