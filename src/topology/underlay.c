/* SPDX-License-Identifier: MIT */
#include "topology/underlay.h"

#include "schema/plugin_names.h"
#include "topology/escape.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PINGS_OF_HOST = 64, SMOOTH = 6 };
#define STALE (150 * VR_SECOND)
#define FORGET (600 * VR_SECOND)
/* Limits of what a host reports of itself, which no hardware reaches: bytes per
 * second, bytes, milliseconds. */
#define MOST_SPEED 1e15
#define MOST_MTU (1 << 30)
#define MOST_DELAY 1e9

struct host {
  char name[VR_FIELD_SIZE], interface[VR_PATHS_INTERFACE];
  double speed, mtu;
  double rate[2]; /* bytes per second: received, sent */
  int64_t octets[2];
  vr_time octets_time, time;
};

struct address {
  char text[VR_FIELD_SIZE], host[VR_FIELD_SIZE];
  vr_time seen;
};

struct ping {
  char host[VR_FIELD_SIZE], target[VR_FIELD_SIZE];
  double delay, deviation, drop; /* ms, ms, part; NAN: not known */
  vr_time time;
};

void vr_underlay_init(struct vr_underlay *m, size_t max_hosts) {
  vr_roster_init(&m->hosts, max_hosts, sizeof(struct host));
  vr_roster_init(&m->addresses, 4 * max_hosts, sizeof(struct address));
  vr_roster_init(&m->pings, PINGS_OF_HOST * max_hosts, sizeof(struct ping));
}

void vr_underlay_clear(struct vr_underlay *m) {
  vr_roster_clear(&m->hosts);
  vr_roster_clear(&m->addresses);
  vr_roster_clear(&m->pings);
}

/* --- keys --- */

static size_t host_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct host *)entry)->name, NULL, NULL);
}
static size_t address_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct address *)entry)->text, NULL,
                       NULL);
}
static size_t ping_key(const void *entry, char *ret_key) {
  const struct ping *p = entry;
  return vr_roster_key(ret_key, p->host, p->target, NULL);
}

/* --- what comes in --- */

static struct host *host_of(struct vr_underlay *m, const char *host, int *ret) {
  char key[VR_ROSTER_KEY], name[VR_FIELD_SIZE];
  vr_escape_field(host, name, sizeof(name));
  size_t length = vr_roster_key(key, name, NULL, NULL);
  struct host *h = vr_roster_find(&m->hosts, key, length);
  if (h || !(h = vr_roster_add(&m->hosts, key, length, ret)))
    return h;
  snprintf(h->name, sizeof(h->name), "%s", name);
  return h;
}

static struct ping *ping_of(struct vr_underlay *m, const char *from,
                            const char *target, int *ret) {
  char key[VR_ROSTER_KEY], host[VR_FIELD_SIZE];
  vr_escape_field(from, host, sizeof(host));
  size_t length = vr_roster_key(key, host, target, NULL);
  struct ping *p = vr_roster_find(&m->pings, key, length);
  if (p || !(p = vr_roster_add(&m->pings, key, length, ret)))
    return p;
  snprintf(p->host, sizeof(p->host), "%s", host);
  snprintf(p->target, sizeof(p->target), "%s", target);
  p->delay = p->deviation = p->drop = NAN;
  return p;
}

int vr_underlay_address(struct vr_underlay *m, const char *owner,
                        const char *address, vr_time time) {
  char key[VR_ROSTER_KEY], host[VR_FIELD_SIZE];
  int r = 0;
  vr_escape_field(owner, host, sizeof(host));
  size_t length = vr_roster_key(key, address, NULL, NULL);
  struct address *a = vr_roster_find(&m->addresses, key, length);
  if (!a && !(a = vr_roster_add(&m->addresses, key, length, &r)))
    return r;
  if (*a->host && strcmp(a->host, host) != 0 &&
      (a->seen == VR_LEDGER_EVER ||
       (time != VR_LEDGER_EVER && time - a->seen < STALE)))
    return -EBUSY;
  snprintf(a->text, sizeof(a->text), "%s", address);
  snprintf(a->host, sizeof(a->host), "%s", host);
  a->seen = a->seen == VR_LEDGER_EVER ? a->seen : time;
  return 0;
}

static double in_range(double value, double most) {
  return value >= 0 && value <= most ? value : NAN;
}

static int take_ping(struct vr_underlay *m, const struct vr_identifier *id,
                     double value, vr_time time) {
  int r = 0;
  struct ping *p = ping_of(m, id->host, id->type_instance, &r);
  if (!p)
    return r;
  p->time = time;
  if (strcmp(id->type, "ping") == 0)
    p->delay = in_range(value, MOST_DELAY);
  else if (strcmp(id->type, "ping_stddev") == 0)
    p->deviation = in_range(value, MOST_DELAY);
  else if (strcmp(id->type, "ping_droprate") == 0 && value >= 0 && value <= 1)
    p->drop = isnan(p->drop) ? value : p->drop + (value - p->drop) / SMOOTH;
  return 0;
}

/* A host that gets another interface for its tunnels begins anew. */
static struct host *card_of(struct vr_underlay *m,
                            const struct vr_identifier *id, vr_time time,
                            int *ret) {
  struct host *h = host_of(m, id->host, ret);
  char interface[VR_PATHS_INTERFACE];
  vr_escape_field(id->plugin_instance, interface, sizeof(interface));
  if (h && strcmp(h->interface, interface) != 0) {
    char name[VR_FIELD_SIZE];
    snprintf(name, sizeof(name), "%s", h->name);
    *h = (struct host){0};
    snprintf(h->name, sizeof(h->name), "%s", name);
    snprintf(h->interface, sizeof(h->interface), "%s", interface);
  }
  if (h)
    h->time = time;
  return h;
}

int vr_underlay_take(struct vr_underlay *m, const struct vr_identifier *id,
                     double value, vr_time time) {
  static const char vtep[] = "vtep_";
  int r = 0;
  if (strcmp(id->plugin, "ping") == 0)
    return take_ping(m, id, value, time);
  if (strcmp(id->plugin, VR_PLUGIN_UNDERLAY) != 0 ||
      strcmp(id->type, "gauge") != 0 || !(value > 0))
    return 0;
  if (strncmp(id->type_instance, vtep, strlen(vtep)) == 0)
    return vr_underlay_address(m, id->host, id->type_instance + strlen(vtep),
                               time);
  bool speed = strcmp(id->type_instance, "speed") == 0;
  if (!speed && strcmp(id->type_instance, "mtu") != 0)
    return 0; /* what a central says of pairs */
  if (value > (speed ? MOST_SPEED : MOST_MTU))
    return 0;
  struct host *h = card_of(m, id, time, &r);
  if (h && speed)
    h->speed = value;
  else if (h)
    h->mtu = value;
  return r;
}

int vr_underlay_octets(struct vr_underlay *m, const struct vr_identifier *id,
                       int64_t rx, int64_t tx, vr_time time) {
  const int64_t now[2] = {rx, tx};
  int r = 0;
  if (rx < 0 || tx < 0)
    return -EINVAL;
  struct host *h = card_of(m, id, time, &r);
  if (!h)
    return r;
  double seconds = vr_signal_seconds_of_time(time - h->octets_time);
  for (int d = 0; d < 2; d++)
    if (h->octets_time > 0 && seconds > 0 && now[d] >= h->octets[d])
      h->rate[d] = (double)(now[d] - h->octets[d]) / seconds;
  memcpy(h->octets, now, sizeof(now));
  h->octets_time = time;
  return 0;
}

/* Of the future: somebody's clock was set back. */
static bool is_long_ago(vr_time now, vr_time time) {
  return time != VR_LEDGER_EVER && (now - time > FORGET || time - now > FORGET);
}

void vr_underlay_forget(struct vr_underlay *m, vr_time now) {
  for (size_t i = m->hosts.n; i-- > 0;)
    if (is_long_ago(now, ((struct host *)vr_roster_at(&m->hosts, i))->time))
      vr_roster_remove(&m->hosts, i, host_key);
  for (size_t i = m->pings.n; i-- > 0;)
    if (is_long_ago(now, ((struct ping *)vr_roster_at(&m->pings, i))->time))
      vr_roster_remove(&m->pings, i, ping_key);
  for (size_t i = m->addresses.n; i-- > 0;)
    if (is_long_ago(now,
                    ((struct address *)vr_roster_at(&m->addresses, i))->seen))
      vr_roster_remove(&m->addresses, i, address_key);
}

/* --- what is known --- */

struct target {
  const struct vr_underlay *m;
  const struct vr_placement *placement;
  struct vr_paths *p;
  vr_time now;
};

static long host_at(const struct target *t, const char *text) {
  char key[VR_ROSTER_KEY];
  const struct address *a = vr_roster_find(
      &t->m->addresses, key, vr_roster_key(key, text, NULL, NULL));
  return vr_placement_host_index(t->placement, a ? a->host : text);
}

static struct vr_paths_seen *seen_of(const struct target *t, long from,
                                     long to) {
  if (from < 0 || to < 0 || from == to)
    return NULL;
  return &t->p->seen[(size_t)from * t->p->n + (size_t)to];
}

static bool is_stale(const struct target *t, vr_time time) {
  return t->now - time > STALE || time - t->now > STALE;
}

/* The way back is taken to be as long. */
static void apply_pings(const struct target *t) {
  for (size_t i = 0; i < t->m->pings.n; i++) {
    const struct ping *p = vr_roster_at(&t->m->pings, i);
    struct vr_paths_seen *s =
        seen_of(t, vr_placement_host_index(t->placement, p->host),
                host_at(t, p->target));
    if (!s || is_stale(t, p->time))
      continue;
    s->delay = p->delay / 2000;
    s->drop = p->drop;
  }
}

static void apply_losses(const struct target *t,
                         const struct vr_conservation *c) {
  for (size_t i = 0; i < vr_conservation_pairs(c); i++) {
    const struct vr_conservation_pair *p = vr_conservation_pair_at(c, i);
    struct vr_paths_seen *s =
        seen_of(t, vr_placement_host_index(t->placement, p->from),
                vr_placement_host_index(t->placement, p->to));
    if (!s)
      continue;
    s->loss = p->loss;
    s->lossy = p->lossy;
    s->since = p->since;
  }
}

/* A link that all ways of the host lead over, in that direction. */
static bool is_own(const struct vr_paths *p, const bool *one, const bool *all,
                   size_t host) {
  for (size_t h = 0; h < p->n; h++)
    if (one[h] != (h == host) || (!all[h] && h != host))
      return false;
  return true;
}

static bool has_own(const struct vr_paths *p, size_t host, bool out) {
  for (size_t l = 0; l < p->n_links; l++) {
    const struct vr_paths_link *x = &p->links[l];
    if (out ? is_own(p, x->from, x->to, host) : is_own(p, x->to, x->from, host))
      return true;
  }
  return false;
}

/* What our guests exchange by it is not in the way of what they exchange. */
static double others_use(const struct target *t, size_t host, double carried,
                         bool out) {
  double ours = 0;
  for (size_t f = 0; f < t->p->n_flows; f++) {
    const struct vr_paths_flow *x = &t->p->flows[f];
    if ((out ? x->from : x->to) == host)
      ours += x->latest;
  }
  return fmax(0, carried - ours);
}

static int add_link(const struct target *t, const struct host *h, size_t host,
                    bool out) {
  char text[VR_PATHS_NAME + VR_FIELD_SIZE], name[VR_PATHS_NAME];
  struct vr_paths *p = t->p;
  if (has_own(p, host, out) || p->n_links >= VR_PATHS_LINKS)
    return 0;
  snprintf(text, sizeof(text), "%.40s %.15s, %s", h->name, h->interface,
           out ? "out" : "in");
  struct vr_paths_link *l = vr_paths_add_link(
      p, vr_escape_field(text, name, sizeof(name)), h->speed, 0);
  if (!l)
    return -ENOMEM;
  snprintf(l->source, sizeof(l->source), "link speed");
  l->other = fmin(h->speed, others_use(t, host, h->rate[out], out));
  for (size_t k = 0; k < p->n; k++)
    if (k != host)
      (out ? l->to : l->from)[k] = true;
  (out ? l->from : l->to)[host] = true;
  return 0;
}

static int apply_cards(const struct target *t) {
  for (size_t i = 0; i < t->m->hosts.n; i++) {
    const struct host *h = vr_roster_at(&t->m->hosts, i);
    long at = vr_placement_host_index(t->placement, h->name);
    if (at < 0 || is_stale(t, h->time))
      continue;
    struct vr_paths_card *c = &t->p->cards[at];
    snprintf(c->interface, sizeof(c->interface), "%s", h->interface);
    c->speed = h->speed;
    c->mtu = (unsigned)h->mtu;
    if (h->speed > 0 && (add_link(t, h, (size_t)at, true) < 0 ||
                         add_link(t, h, (size_t)at, false) < 0))
      return -ENOMEM;
  }
  return 0;
}

int vr_underlay_apply(const struct vr_underlay *m,
                      const struct vr_conservation *c,
                      const struct vr_placement *placement, vr_time now,
                      struct vr_paths *p) {
  const struct target t = {m, placement, p, now};
  apply_pings(&t);
  apply_losses(&t, c);
  return apply_cards(&t);
}
