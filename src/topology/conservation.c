/* SPDX-License-Identifier: MIT */
#include "topology/conservation.h"

#include "basic/cleanup.h"
#include "topology/edges.h"
#include "topology/escape.h"
#include "topology/roster.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAC_DIGITS = 12 };
enum { MAX_PAIRS = 4096 }; /* of hosts */
/* Over so many windows loss is looked for: what is allowed for at the edges is
 * a smaller part of more windows. */
static const int spans[] = {1, 2, 4, 6};
enum { SPANS = sizeof(spans) / sizeof(spans[0]), LONGEST = 6 };
/* Loss is seen where more than this part is missing, for certain, and as many
 * frames: a single one proves nothing. */
#define LEAST_PART 0.002
#define LEAST_FRAMES 5
/* What is allowed for may be as much as this part: else nothing is known. */
#define KNOWN_PART 0.005
enum { LEAST_SENT = 100 }; /* frames */
enum { TWICE = 2, OVER = 6 };
#define FORGET (600 * VR_SECOND)
/* Readings of one edge have come by then. */
#define LATENESS (3 * VR_SECOND)
/* Headers of Ethernet, IP and UDP or TCP with all options: where frames are
 * merged or cut on the way, bytes differ by that for each. */
enum { HEADERS_LEAST = 42, HEADERS_MOST = 94, MERGED_FROM = 150 };

struct flow {
  char host[VR_FIELD_SIZE], guest[VR_FIELD_SIZE], peer[VR_FIELD_SIZE];
  struct vr_edges edges;
};

struct card {
  char guest[VR_FIELD_SIZE], mac[MAC_DIGITS + 1];
  vr_time seen, other_seen; /* the MAC, and another one of the guest's */
};

struct vr_conservation {
  struct vr_conservation_options options;
  struct vr_roster flows, cards, pairs;
  int64_t judged; /* the last edge */
};

/* --- keys --- */

static size_t flow_key(const void *entry, char *ret_key) {
  const struct flow *f = entry;
  return vr_roster_key(ret_key, f->host, f->guest, f->peer);
}
static size_t card_key(const void *entry, char *ret_key) {
  return vr_roster_key(ret_key, ((const struct card *)entry)->guest, NULL,
                       NULL);
}
static size_t pair_key(const void *entry, char *ret_key) {
  const struct vr_conservation_pair *p = entry;
  return vr_roster_key(ret_key, p->from, p->to, NULL);
}

/* --- life --- */

struct vr_conservation_options vr_conservation_defaults(void) {
  return (struct vr_conservation_options){.max_guests = 1000,
                                          .max_flows = 65536,
                                          .window = 10 * VR_SECOND,
                                          .skew = VR_SECOND / 200};
}

struct vr_conservation *
vr_conservation_new(const struct vr_conservation_options *o) {
  struct vr_conservation *c = calloc(1, sizeof(*c));
  if (!c)
    return NULL;
  c->options = *o;
  vr_roster_init(&c->flows, o->max_flows, sizeof(struct flow));
  vr_roster_init(&c->cards, o->max_guests, sizeof(struct card));
  vr_roster_init(&c->pairs, MAX_PAIRS, sizeof(struct vr_conservation_pair));
  return c;
}

void vr_conservation_free(struct vr_conservation *c) {
  if (!c)
    return;
  vr_roster_clear(&c->flows);
  vr_roster_clear(&c->cards);
  vr_roster_clear(&c->pairs);
  free(c);
}

/* --- what comes in --- */

/* Bytes with headers begin no flow: without frames they say nothing, and the
 * ledger, which limits what one host may have, does not count them. */
static struct flow *flow_of(struct vr_conservation *c, const char *host,
                            const char *guest, const char *peer,
                            enum vr_conservation_unit unit, int *ret) {
  char key[VR_ROSTER_KEY];
  size_t length = vr_roster_key(key, host, guest, peer);
  struct flow *f = vr_roster_find(&c->flows, key, length);
  if (f || unit == VR_CONSERVATION_WIRE ||
      !(f = vr_roster_add(&c->flows, key, length, ret)))
    return f;
  snprintf(f->host, sizeof(f->host), "%s", host);
  snprintf(f->guest, sizeof(f->guest), "%s", guest);
  snprintf(f->peer, sizeof(f->peer), "%s", peer);
  return f;
}

int vr_conservation_take(struct vr_conservation *c, const char *host,
                         const char *guest, const char *peer,
                         const struct vr_conservation_count *count) {
  char h[VR_FIELD_SIZE], g[VR_FIELD_SIZE];
  int r = 0;
  vr_escape_field(host, h, sizeof(h));
  vr_escape_field(guest, g, sizeof(g));
  if (strlen(peer) != MAC_DIGITS) /* a sum, which has no other end */
    return 0;
  for (int d = 0; d < 2; d++)
    if (count->has[d] && count->count[d] < 0)
      return -EINVAL;
  struct flow *f = flow_of(c, h, g, peer, count->unit, &r);
  vr_time gap = count->interval > 0 ? count->interval * 5 / 2 : FORGET;
  for (int d = 0; f && d < 2; d++)
    if (count->has[d])
      vr_edges_take(&f->edges, count->time, count->unit, d, count->count[d],
                    c->options.window, gap);
  return r;
}

int vr_conservation_mac(struct vr_conservation *c, const char *guest,
                        const char *mac, vr_time time) {
  char g[VR_FIELD_SIZE], key[VR_ROSTER_KEY];
  int r = 0;
  vr_escape_field(guest, g, sizeof(g));
  size_t length = vr_roster_key(key, g, NULL, NULL);
  struct card *k = vr_roster_find(&c->cards, key, length);
  if (!k && !(k = vr_roster_add(&c->cards, key, length, &r)))
    return r;
  snprintf(k->guest, sizeof(k->guest), "%s", g);
  if (time - k->seen > FORGET)
    snprintf(k->mac, sizeof(k->mac), "%s", mac);
  if (strcmp(k->mac, mac) == 0)
    k->seen = time;
  else
    k->other_seen = time;
  return 0;
}

/* --- what is missing --- */

/* Of the windows that end at an edge, summed over pairs of guests. */
struct balance {
  double sent, frames;   /* bytes, frames */
  double missing, least; /* bytes: as it looks, and for certain */
  double slack;
};

struct ends {
  const struct flow *from, *to;
};

static double rise(const struct vr_edges_edge *a, const struct vr_edges_edge *b,
                   int unit, int direction) {
  return b->value[unit][direction] - a->value[unit][direction];
}

static bool have(const struct vr_edges_edge *const e[4], int unit) {
  unsigned sent = 1U << (2 * unit), received = 2U << (2 * unit);
  return (e[0]->have & e[1]->have & sent) &&
         (e[2]->have & e[3]->have & received);
}

/* Where segments are merged or cut on the way, so many bytes of headers more or
 * less arrive for each frame. */
static void allow_for_headers(struct balance *b, double frames_missing) {
  double h = (HEADERS_LEAST + HEADERS_MOST) / 2.0;
  double x = b->missing - HEADERS_LEAST * frames_missing;
  double y = b->missing - HEADERS_MOST * frames_missing;
  if (b->sent < MERGED_FROM * b->frames)
    return; /* small frames are not merged */
  b->least = fmin(x, y);
  b->missing -= h * frames_missing;
  b->sent -= h * b->frames;
}

static bool balance_of(const struct vr_conservation *c, const struct ends *x,
                       int64_t edge, int span, struct balance *ret) {
  const struct vr_edges_edge *e[4] = {vr_edges_at(&x->from->edges, edge - span),
                                      vr_edges_at(&x->from->edges, edge),
                                      vr_edges_at(&x->to->edges, edge - span),
                                      vr_edges_at(&x->to->edges, edge)};
  for (int i = 0; i < 4; i++)
    if (!e[i])
      return false;
  int unit = have(e, VR_CONSERVATION_WIRE) ? VR_CONSERVATION_WIRE
                                           : VR_CONSERVATION_OCTETS;
  if (!have(e, unit) || !have(e, VR_CONSERVATION_FRAMES))
    return false;
  /* Directions sent: the receiver's host does not count what arrives. */
  if (e[3]->value[unit][1] <= 0)
    return false;
  double sent = rise(e[0], e[1], unit, 0);
  double frames = rise(e[0], e[1], VR_CONSERVATION_FRAMES, 0);
  struct balance b = {.sent = sent, .frames = frames};
  b.missing = b.least = sent - rise(e[2], e[3], unit, 1);
  if (unit == VR_CONSERVATION_OCTETS)
    allow_for_headers(&b, frames - rise(e[2], e[3], VR_CONSERVATION_FRAMES, 1));
  for (int i = 0; i < 4; i++)
    b.slack += e[i]->slack[unit][i / 2];
  double seconds = vr_signal_seconds_of_time(span * c->options.window);
  b.slack += 2 * sent / seconds * vr_signal_seconds_of_time(c->options.skew);
  *ret = b;
  return true;
}

static void add(struct balance *to, const struct balance *b) {
  to->sent += b->sent;
  to->frames += b->frames;
  to->missing += b->missing;
  to->least += b->least;
  to->slack += b->slack;
}

/* The two counters of frames from F's guest to its peer, on different hosts. */
static bool ends_of(const struct vr_conservation *c, const struct vr_ledger *l,
                    const struct flow *f, vr_time now, struct ends *ret) {
  char key[VR_ROSTER_KEY];
  const char *peer = vr_ledger_guest(l, f->peer);
  const char *from = vr_ledger_host(l, f->guest);
  const char *to = peer ? vr_ledger_host(l, peer) : NULL;
  const struct card *x =
      vr_roster_find(&c->cards, key, vr_roster_key(key, f->guest, NULL, NULL));
  const struct card *y =
      peer
          ? vr_roster_find(&c->cards, key, vr_roster_key(key, peer, NULL, NULL))
          : NULL;
  if (!from || !to || strcmp(from, f->host) != 0 || strcmp(from, to) == 0 ||
      !x || !y || now - x->other_seen < FORGET || now - y->other_seen < FORGET)
    return false;
  ret->from = f;
  ret->to =
      vr_roster_find(&c->flows, key, vr_roster_key(key, to, peer, x->mac));
  return ret->to != NULL;
}

/* --- pairs of hosts --- */

struct sums {
  struct balance span[SPANS];
};

/* What it looks like over the shortest span that shows it. */
static bool is_missing(const struct sums *s, double *ret_part, int *ret_span) {
  for (size_t i = 0; i < SPANS; i++) {
    const struct balance *b = &s->span[i];
    double least = b->least - b->slack;
    if (b->frames > 0 && b->sent > 0 && least > LEAST_PART * b->sent &&
        least > LEAST_FRAMES * b->sent / b->frames) {
      *ret_part = fmin(1, b->missing / b->sent);
      *ret_span = spans[i];
      return true;
    }
  }
  return false;
}

static bool is_known(const struct sums *s) {
  for (size_t i = 0; i < SPANS; i++) {
    const struct balance *b = &s->span[i];
    double open = b->slack + b->missing - b->least;
    if (b->frames >= LEAST_SENT && open <= KNOWN_PART * b->sent)
      return true;
  }
  return false;
}

static void judge_pair(const struct vr_conservation *c,
                       struct vr_conservation_pair *p, const struct sums *s,
                       int64_t edge) {
  double part = 0, window = vr_signal_seconds_of_time(c->options.window);
  int span = 1;
  bool missing = is_missing(s, &part, &span), was = p->lossy;
  p->sent = s->span[0].sent / window;
  bool known = !missing && is_known(s);
  p->bad = missing ? p->bad + 1 : 0;
  p->good = missing ? 0 : p->good + known;
  p->lossy = p->bad >= TWICE || (p->lossy && p->good < OVER);
  /* Once may be one late reading: what is missing in this window is too much in
   * the next. */
  p->loss = known ? 0 : missing && p->lossy ? part : NAN;
  p->changed = p->lossy != was;
  p->edge = edge;
  p->since = (double)(edge - span) * window;
}

static struct vr_conservation_pair *pair_of(struct vr_conservation *c,
                                            const char *from, const char *to) {
  char key[VR_ROSTER_KEY];
  int r;
  size_t length = vr_roster_key(key, from, to, NULL);
  struct vr_conservation_pair *p = vr_roster_find(&c->pairs, key, length);
  if (p || !(p = vr_roster_add(&c->pairs, key, length, &r)))
    return p;
  snprintf(p->from, sizeof(p->from), "%s", from);
  snprintf(p->to, sizeof(p->to), "%s", to);
  p->loss = NAN;
  return p;
}

static void add_flow(struct vr_conservation *c, const struct ends *x,
                     int64_t edge, struct sums *sums) {
  struct vr_conservation_pair *p = pair_of(c, x->from->host, x->to->host);
  struct balance b;
  if (!p)
    return;
  struct sums *s = &sums[p - (struct vr_conservation_pair *)c->pairs.entries];
  for (size_t i = 0; i < SPANS; i++)
    if (balance_of(c, x, edge, spans[i], &b))
      add(&s->span[i], &b);
}

static void forget(struct vr_conservation *c, vr_time now, int64_t edge) {
  for (size_t i = c->flows.n; i-- > 0;) {
    const struct flow *f = vr_roster_at(&c->flows, i);
    vr_time seen = f->edges.next.time > f->edges.last.time ? f->edges.next.time
                                                           : f->edges.last.time;
    if (now - seen > FORGET || seen - now > FORGET)
      vr_roster_remove(&c->flows, i, flow_key);
  }
  for (size_t i = c->cards.n; i-- > 0;)
    if (now - ((struct card *)vr_roster_at(&c->cards, i))->seen > FORGET)
      vr_roster_remove(&c->cards, i, card_key);
  for (size_t i = c->pairs.n; i-- > 0;)
    if (edge - vr_conservation_pair_at(c, i)->edge > LONGEST)
      vr_roster_remove(&c->pairs, i, pair_key);
}

static void judge(struct vr_conservation *c, const struct vr_ledger *l,
                  int64_t edge, vr_time now, struct sums *sums) {
  struct ends x;
  for (size_t i = 0; i < c->flows.n; i++)
    if (ends_of(c, l, vr_roster_at(&c->flows, i), now, &x))
      add_flow(c, &x, edge, sums);
  for (size_t i = 0; i < c->pairs.n; i++) {
    struct vr_conservation_pair *p = vr_roster_at(&c->pairs, i);
    p->changed = false;
    if (sums[i].span[0].sent > 0)
      judge_pair(c, p, &sums[i], edge);
    else if (p->edge == 0)
      p->edge = edge;
  }
}

bool vr_conservation_judge(struct vr_conservation *c, const struct vr_ledger *l,
                           vr_time now) {
  int64_t edge = (now - LATENESS) / c->options.window;
  if (edge <= c->judged && edge > c->judged - LONGEST)
    return false;
  struct sums *sums = calloc(MAX_PAIRS, sizeof(*sums));
  if (!sums)
    return false;
  judge(c, l, edge, now, sums);
  free(sums);
  forget(c, now, edge);
  c->judged = edge;
  return true;
}

size_t vr_conservation_pairs(const struct vr_conservation *c) {
  return c->pairs.n;
}

const struct vr_conservation_pair *
vr_conservation_pair_at(const struct vr_conservation *c, size_t i) {
  return vr_roster_at(&c->pairs, i);
}
