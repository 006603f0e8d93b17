/* SPDX-License-Identifier: MIT */
#include "topology/ledger.h"

#include "basic/cleanup.h"
#include "signal/identifier.h"
#include "topology/escape.h"
#include "topology/roster.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MAC_DIGITS = 12, MACS_OF_GUEST = 2 };
enum { FORGET_INTERVALS = 60 }; /* guests, MACs and rows */
enum { ROWS_OF_FLOW = 4 };      /* of flows that have gone, too */

struct guest {
  char name[VR_FIELD_SIZE], host[VR_FIELD_SIZE];
  vr_time host_time; /* when that host last reported it */
  vr_time seen;
};

struct mac {
  char text[MAC_DIGITS + 1];
  char guest[VR_FIELD_SIZE]; /* or the name of a peer that is no guest */
  bool is_peer;
  vr_time seen;
};

/* Counters of one unit, as one host reports them. */
struct reading {
  bool has;
  int64_t last[2], pending[2];
  vr_time time, closed; /* of the last sample, and of that at the last close */
  vr_time arrival, interval;
  double rate[2];
};

/* One host alone cannot take all room. */
struct host {
  char name[VR_FIELD_SIZE];
  size_t flows;
};

struct flow {
  char host[VR_FIELD_SIZE], guest[VR_FIELD_SIZE], peer[VR_FIELD_SIZE];
  struct reading unit[2];
};

struct row {
  char guest[VR_FIELD_SIZE], peer[VR_FIELD_SIZE];
  int64_t total[2][2]; /* unit, direction */
  bool has_packets, is_fresh;
  vr_time seen;
};

struct vr_ledger {
  struct vr_ledger_options options;
  struct vr_roster hosts, guests, macs, flows, rows;
  size_t refused;
};

/* --- keys --- */

static size_t host_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct host *)entry)->name, NULL, NULL);
}
static size_t guest_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct guest *)entry)->name, NULL,
                       NULL);
}
static size_t mac_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct mac *)entry)->text, NULL, NULL);
}
static size_t flow_key(const void *entry, char *ret_key) {
  const struct flow *f = entry;
  return vr_roster_key(ret_key, f->host, f->guest, f->peer);
}
static size_t row_key(const void *entry, char *ret_key) {
  const struct row *r = entry;
  return vr_roster_key(ret_key, r->guest, r->peer, NULL);
}

/* --- life --- */

struct vr_ledger_options vr_ledger_defaults(void) {
  return (struct vr_ledger_options){
      .max_guests = 1000, .max_flows = 65536, .interval = 10 * VR_SECOND};
}

struct vr_ledger *vr_ledger_new(const struct vr_ledger_options *o) {
  struct vr_ledger *l = calloc(1, sizeof(*l));
  if (!l)
    return NULL;
  l->options = *o;
  vr_roster_init(&l->hosts, o->max_guests, sizeof(struct host));
  vr_roster_init(&l->guests, o->max_guests, sizeof(struct guest));
  vr_roster_init(&l->macs, MACS_OF_GUEST * o->max_guests, sizeof(struct mac));
  vr_roster_init(&l->flows, o->max_flows, sizeof(struct flow));
  vr_roster_init(&l->rows, ROWS_OF_FLOW * o->max_flows, sizeof(struct row));
  return l;
}

void vr_ledger_free(struct vr_ledger *l) {
  if (!l)
    return;
  vr_roster_clear(&l->hosts);
  vr_roster_clear(&l->guests);
  vr_roster_clear(&l->macs);
  vr_roster_clear(&l->flows);
  vr_roster_clear(&l->rows);
  free(l);
}

void vr_ledger_freep(struct vr_ledger **l) { vr_ledger_free(*l); }

/* --- who is who --- */

static bool is_mac(const char *text) {
  size_t n = 0;
  for (; isxdigit((unsigned char)text[n]); n++)
    if (isupper((unsigned char)text[n]))
      return false;
  return n == MAC_DIGITS && text[n] == '\0';
}

static bool is_sum(const char *peer) {
  static const char *const sums[] = {"broadcast", "multicast", "others",
                                     "spoofed"};
  for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
    if (strcmp(peer, sums[i]) == 0)
      return true;
  return false;
}

/* Until a host has been silent about a guest for that long, no other one is
 * believed to be its host: while it moves, both report it. */
static vr_time allowed_lateness(const struct vr_ledger *l) {
  return l->options.interval * 5 / 2;
}

static int refuse(struct vr_ledger *l, int r) {
  l->refused += r == -ENOSPC;
  return r;
}

/* Of MAX, what one host may have. */
static size_t portion(size_t max) { return max - max / 4; }

static bool has_its_guests(const struct vr_ledger *l, const char *host) {
  size_t n = 0;
  for (size_t i = 0; i < l->guests.n; i++)
    n += strcmp(((struct guest *)vr_roster_at(&l->guests, i))->host, host) == 0;
  return n >= portion(l->options.max_guests);
}

static int see_guest(struct vr_ledger *l, const char *host, const char *name,
                     vr_time time) {
  char key[VR_ROSTER_KEY];
  int r = 0;
  size_t length = vr_roster_key(key, name, NULL, NULL);
  struct guest *g = vr_roster_find(&l->guests, key, length);
  if (!g) {
    if (has_its_guests(l, host))
      return refuse(l, -ENOSPC);
    g = vr_roster_add(&l->guests, key, length, &r);
    if (!g)
      return refuse(l, r);
    snprintf(g->name, sizeof(g->name), "%s", name);
  }
  g->seen = time > g->seen ? time : g->seen;
  bool is_host = strcmp(g->host, host) == 0;
  if (!is_host && g->host[0] && time - g->host_time < allowed_lateness(l))
    return 0;
  snprintf(g->host, sizeof(g->host), "%s", host);
  g->host_time = time > g->host_time ? time : g->host_time;
  return 0;
}

static int claim_mac(struct vr_ledger *l, const char *mac, const char *owner,
                     bool is_peer, vr_time time) {
  char key[VR_ROSTER_KEY];
  int r = 0;
  size_t length = vr_roster_key(key, mac, NULL, NULL);
  struct mac *m = vr_roster_find(&l->macs, key, length);
  if (!m) {
    m = vr_roster_add(&l->macs, key, length, &r);
    if (!m)
      return refuse(l, r);
    snprintf(m->text, sizeof(m->text), "%s", mac);
  } else if (strcmp(m->guest, owner) != 0 &&
             (m->seen == VR_LEDGER_EVER || time == VR_LEDGER_EVER ||
              time - m->seen < allowed_lateness(l))) {
    return -EBUSY;
  }
  snprintf(m->guest, sizeof(m->guest), "%s", owner);
  m->is_peer = is_peer;
  m->seen = m->seen == VR_LEDGER_EVER ? m->seen : time;
  return 0;
}

int vr_ledger_name_peer(struct vr_ledger *l, const char *mac, const char *name,
                        vr_time time) {
  char field[VR_FIELD_SIZE];
  if (!is_mac(mac) || !*name)
    return -EINVAL;
  return claim_mac(l, mac, vr_escape_field(name, field, sizeof(field)), true,
                   time);
}

int vr_ledger_mac(struct vr_ledger *l, const char *host, const char *guest,
                  const char *mac, vr_time time) {
  char h[VR_FIELD_SIZE], g[VR_FIELD_SIZE];
  vr_escape_field(host, h, sizeof(h));
  vr_escape_field(guest, g, sizeof(g));
  if (!is_mac(mac) || !*guest)
    return -EINVAL;
  int r = see_guest(l, h, g, time);
  return r < 0 ? r : claim_mac(l, mac, g, false, time);
}

const char *vr_ledger_host(const struct vr_ledger *l, const char *guest) {
  char key[VR_ROSTER_KEY];
  const struct guest *g =
      vr_roster_find(&l->guests, key, vr_roster_key(key, guest, NULL, NULL));
  return g ? g->host : NULL;
}

const char *vr_ledger_guest(const struct vr_ledger *l, const char *mac) {
  char key[VR_ROSTER_KEY];
  const struct mac *m =
      vr_roster_find(&l->macs, key, vr_roster_key(key, mac, NULL, NULL));
  return m && !m->is_peer ? m->guest : NULL;
}

/* What a peer is called in a series; *ret_guest: it is a guest. */
static const char *peer_name(const struct vr_ledger *l, const char *peer,
                             bool *ret_guest) {
  char key[VR_ROSTER_KEY];
  *ret_guest = false;
  if (is_sum(peer))
    return peer;
  const struct mac *m =
      vr_roster_find(&l->macs, key, vr_roster_key(key, peer, NULL, NULL));
  if (!m)
    return "outside";
  *ret_guest = !m->is_peer;
  return m->guest;
}

/* --- counters --- */

/* A sum that would be too large for its number begins anew: a host may say that
 * its counters rise by anything. */
static void add_rise(int64_t *sum, int64_t rise) {
  if (__builtin_add_overflow(*sum, rise, sum))
    *sum = rise;
}

/* A counter that fell began anew. */
static void take_reading(struct reading *u, const struct vr_ledger_count *c) {
  const int64_t now[2] = {c->rx, c->tx};
  u->arrival = c->arrival;
  u->interval = c->interval;
  if (!u->has) {
    u->has = true;
    u->closed = c->time;
  } else if (c->time <= u->time) {
    return;
  } else {
    for (int d = 0; d < 2; d++)
      if (now[d] >= u->last[d])
        add_rise(&u->pending[d], now[d] - u->last[d]);
  }
  u->time = c->time;
  memcpy(u->last, now, sizeof(u->last));
}

static struct host *host_of(struct vr_ledger *l, const char *name,
                            int *ret_error) {
  char key[VR_ROSTER_KEY];
  size_t length = vr_roster_key(key, name, NULL, NULL);
  struct host *h = vr_roster_find(&l->hosts, key, length);
  if (h)
    return h;
  h = vr_roster_add(&l->hosts, key, length, ret_error);
  if (h)
    snprintf(h->name, sizeof(h->name), "%s", name);
  return h;
}

static struct flow *add_flow(struct vr_ledger *l, const char *host,
                             const char *guest, const char *peer,
                             int *ret_error) {
  char key[VR_ROSTER_KEY];
  struct host *h = host_of(l, host, ret_error);
  if (!h)
    return NULL;
  *ret_error = -ENOSPC;
  struct flow *f =
      h->flows < portion(l->options.max_flows)
          ? vr_roster_add(&l->flows, key, vr_roster_key(key, host, guest, peer),
                          ret_error)
          : NULL;
  if (!f)
    return NULL;
  h->flows++;
  snprintf(f->host, sizeof(f->host), "%s", host);
  snprintf(f->guest, sizeof(f->guest), "%s", guest);
  snprintf(f->peer, sizeof(f->peer), "%s", peer);
  return f;
}

int vr_ledger_count(struct vr_ledger *l, const char *host, const char *guest,
                    const char *peer, const struct vr_ledger_count *count) {
  char h[VR_FIELD_SIZE], g[VR_FIELD_SIZE], key[VR_ROSTER_KEY];
  int r = 0;
  if (!*guest || (!is_mac(peer) && !is_sum(peer)) || count->rx < 0 ||
      count->tx < 0)
    return -EINVAL;
  vr_escape_field(host, h, sizeof(h));
  vr_escape_field(guest, g, sizeof(g));
  struct flow *f =
      vr_roster_find(&l->flows, key, vr_roster_key(key, h, g, peer));
  if (!f)
    f = add_flow(l, h, g, peer, &r);
  if (!f)
    return refuse(l, r);
  take_reading(&f->unit[count->unit], count);
  return 0;
}

/* --- the end of a window --- */

/* Hosts may report less often than windows end. */
static bool is_late(const struct vr_ledger *l, const struct reading *u,
                    vr_time now, int times) {
  vr_time own = u->interval * 5 / 2, usual = allowed_lateness(l);
  return now - u->arrival > times * (own > usual ? own : usual);
}

/* Bytes per second since the last close; what was, while nothing new has come
 * but may still. */
static void close_reading(const struct vr_ledger *l, struct reading *u,
                          vr_time now) {
  if (u->time > u->closed) {
    double seconds = vr_signal_seconds_of_time(u->time - u->closed);
    for (int d = 0; d < 2; d++)
      u->rate[d] = (double)u->pending[d] / seconds;
    u->closed = u->time;
  } else if (is_late(l, u, now, 1)) {
    u->rate[0] = u->rate[1] = 0;
  }
  u->pending[0] = u->pending[1] = 0;
}

static struct row *row_of(struct vr_ledger *l, const char *guest,
                          const char *peer) {
  char key[VR_ROSTER_KEY];
  int r;
  size_t length = vr_roster_key(key, guest, peer, NULL);
  struct row *row = vr_roster_find(&l->rows, key, length);
  if (row)
    return row;
  row = vr_roster_add(&l->rows, key, length, &r);
  if (!row)
    return NULL;
  snprintf(row->guest, sizeof(row->guest), "%s", guest);
  snprintf(row->peer, sizeof(row->peer), "%s", peer);
  return row;
}

/* A guest may be called like a sum. */
static void add_to_row(struct vr_ledger *l, const struct flow *f,
                       const char *peer, bool is_guest, vr_time now) {
  char name[VR_FIELD_SIZE];
  bool taken = is_guest && (is_sum(peer) || strcmp(peer, "outside") == 0);
  snprintf(name, sizeof(name), "%s%.*s", taken ? "guest_" : "",
           VR_FIELD_SIZE - 8, peer);
  struct row *row = row_of(l, f->guest, name);
  if (!row)
    return;
  for (int u = 0; u < 2; u++)
    for (int d = 0; d < 2; d++)
      add_rise(&row->total[u][d], f->unit[u].pending[d]);
  row->has_packets |= f->unit[VR_LEDGER_PACKETS].has;
  row->is_fresh = true;
  row->seen = now;
}

static void close_flow(struct vr_ledger *l, struct flow *f, vr_time now,
                       struct vr_windows *w) {
  bool is_guest;
  const char *peer = peer_name(l, f->peer, &is_guest);
  add_to_row(l, f, peer, is_guest, now);
  for (int u = 0; u < 2; u++)
    close_reading(l, &f->unit[u], now);
  if (!is_guest)
    return;
  const double *rate = f->unit[VR_LEDGER_OCTETS].rate;
  int r = vr_windows_add(w, f->guest, peer, VR_WINDOWS_SENDER, rate[0]);
  if (r == 0)
    r = vr_windows_add(w, peer, f->guest, VR_WINDOWS_RECEIVER, rate[1]);
  refuse(l, r);
}

static bool is_flow_gone(const struct vr_ledger *l, const struct flow *f,
                         vr_time now) {
  return is_late(l, &f->unit[0], now, 2) && is_late(l, &f->unit[1], now, 2);
}

static void forget_flows(struct vr_ledger *l, vr_time now) {
  for (size_t i = l->flows.n; i-- > 0;) {
    const struct flow *f = vr_roster_at(&l->flows, i);
    char key[VR_ROSTER_KEY];
    if (!is_flow_gone(l, f, now))
      continue;
    struct host *h =
        vr_roster_find(&l->hosts, key, vr_roster_key(key, f->host, NULL, NULL));
    if (h)
      h->flows--;
    vr_roster_remove(&l->flows, i, flow_key);
  }
  for (size_t i = l->hosts.n; i-- > 0;)
    if (((struct host *)vr_roster_at(&l->hosts, i))->flows == 0)
      vr_roster_remove(&l->hosts, i, host_key);
}

static void forget(struct vr_ledger *l, vr_time now) {
  vr_time oldest = now - FORGET_INTERVALS * l->options.interval;
  forget_flows(l, now);
  for (size_t i = l->rows.n; i-- > 0;)
    if (((struct row *)vr_roster_at(&l->rows, i))->seen < oldest)
      vr_roster_remove(&l->rows, i, row_key);
  for (size_t i = l->macs.n; i-- > 0;)
    if (((struct mac *)vr_roster_at(&l->macs, i))->seen < oldest)
      vr_roster_remove(&l->macs, i, mac_key);
  for (size_t i = l->guests.n; i-- > 0;)
    if (((struct guest *)vr_roster_at(&l->guests, i))->seen < oldest)
      vr_roster_remove(&l->guests, i, guest_key);
}

static void pass_rows(struct vr_ledger *l, vr_ledger_fn fn, void *ctx) {
  for (size_t i = 0; i < l->rows.n; i++) {
    struct row *row = vr_roster_at(&l->rows, i);
    struct vr_ledger_row out = {.guest = row->guest,
                                .peer = row->peer,
                                .has_packets = row->has_packets};
    memcpy(out.octets, row->total[VR_LEDGER_OCTETS], sizeof(out.octets));
    memcpy(out.packets, row->total[VR_LEDGER_PACKETS], sizeof(out.packets));
    if (row->is_fresh && fn)
      fn(ctx, &out);
    row->is_fresh = false;
  }
}

void vr_ledger_close(struct vr_ledger *l, vr_time now, struct vr_windows *w,
                     vr_ledger_fn fn, void *ctx) {
  for (size_t i = 0; i < l->flows.n; i++)
    close_flow(l, vr_roster_at(&l->flows, i), now, w);
  pass_rows(l, fn, ctx);
  vr_windows_close(w);
  forget(l, now);
}

struct vr_ledger_stats vr_ledger_stats(const struct vr_ledger *l) {
  return (struct vr_ledger_stats){.guests = l->guests.n,
                                  .macs = l->macs.n,
                                  .flows = l->flows.n,
                                  .rows = l->rows.n,
                                  .refused = l->refused};
}
