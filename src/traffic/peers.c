/* SPDX-License-Identifier: MIT */
#include "traffic/peers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
  /* Whatever a guest sends, no more are remembered. */
  KNOWN_MAX = 1024,
  /* Seconds without a frame, after which a series ends; and after which the
   * peer is forgotten. */
  GONE_SECONDS = 300,
  FORGOTTEN_SECONDS = 3600,
};

/* A series is taken from a peer only by one that is so many times busier, and
 * busy is who has been so for some readings: a burst moves nobody out. */
static const double HYSTERESIS = 1.5, NEWEST = 0.3;

struct known {
  struct vr_mac mac;
  bool shown, named;
  bool ending;       /* its series has its last value in this reading */
  unsigned readings; /* in which it had frames; counted up to 2 */
  double idle;       /* seconds */
  double busy;       /* bytes in a reading, smoothed */
  struct vr_peer_counts growth; /* in this reading */
  struct vr_peer_counts series;
  UT_hash_handle hh;
};

struct vr_peers {
  size_t top, shown; /* without those that are named */
  struct known *known;
  struct vr_peer_counts kinds[VR_PEER_KINDS];
};

static struct known *find(const struct vr_peers *p, const struct vr_mac *mac) {
  struct known *k;
  HASH_FIND(hh, p->known, mac, sizeof(*mac), k);
  return k;
}

static struct known *add(struct vr_peers *p, const struct vr_mac *mac) {
  if (HASH_COUNT(p->known) >= KNOWN_MAX)
    return NULL;
  struct known *k = calloc(1, sizeof(*k));
  if (!k)
    return NULL;
  k->mac = *mac;
  HASH_ADD(hh, p->known, mac, sizeof(k->mac), k);
  return k;
}

static void forget(struct vr_peers *p, struct known *k) {
  HASH_DEL(p->known, k);
  free(k);
}

int vr_peers_new(const struct vr_peers_options *options,
                 struct vr_peers **ret) {
  struct vr_peers *p = calloc(1, sizeof(*p));
  if (!p)
    return -ENOMEM;
  p->top = options->top < KNOWN_MAX / 2 ? options->top : KNOWN_MAX / 2;
  for (size_t i = 0; i < options->named_count; i++) {
    struct known *k = find(p, &options->named[i]);
    if (!k && !(k = add(p, &options->named[i]))) {
      vr_peers_free(p);
      return -ENOMEM;
    }
    k->named = true;
    k->idle = FORGOTTEN_SECONDS; /* no series before its first frame */
  }
  *ret = p;
  return 0;
}

void vr_peers_free(struct vr_peers *p) {
  if (!p)
    return;
  struct known *k, *next;
  HASH_ITER(hh, p->known, k, next) forget(p, k);
  free(p);
}

void vr_peers_add(struct vr_peers *p, const struct vr_peer *peer,
                  const struct vr_peer_counts *growth) {
  if (peer->kind != VR_PEER_MAC) {
    if (peer->kind < VR_PEER_KINDS)
      vr_counts_add(&p->kinds[peer->kind], growth);
    return;
  }
  struct known *k = find(p, &peer->mac);
  if (!k)
    k = add(p, &peer->mac);
  vr_counts_add(k ? &k->growth : &p->kinds[VR_PEER_OTHERS], growth);
}

/* --- who has a series --- */

static void show(struct vr_peers *p, struct known *k) {
  k->shown = true;
  p->shown += !k->named;
}

static void hide(struct vr_peers *p, struct known *k) {
  k->shown = false;
  p->shown -= !k->named;
}

static void take_growth(struct vr_peers *p, struct known *k, double seconds) {
  k->ending = false;
  double bytes =
      (double)k->growth.sent.bytes + (double)k->growth.received.bytes;
  bool active = !vr_counts_is_zero(&k->growth);
  k->readings += active && k->readings < 2;
  k->idle = active ? 0 : k->idle + seconds;
  k->busy += NEWEST * (bytes - k->busy);
  vr_counts_add(k->shown ? &k->series : &p->kinds[VR_PEER_OTHERS], &k->growth);
  k->growth = (struct vr_peer_counts){0};
}

/* A flood of addresses that are seen once leaves no trace. */
static void age(struct vr_peers *p, struct known *k) {
  if (k->shown && k->idle >= GONE_SECONDS)
    hide(p, k);
  else if (k->named && !k->shown && k->idle == 0)
    show(p, k);
  if (k->shown || k->named || k->idle == 0)
    return;
  bool crowded = HASH_COUNT(p->known) > KNOWN_MAX / 2;
  bool unused = vr_counts_is_zero(&k->series);
  if (k->idle >= FORGOTTEN_SECONDS || (crowded && unused) ||
      (unused && k->idle >= GONE_SECONDS))
    forget(p, k);
}

/* An address that is seen once only, as in a flood of them, makes no series. */
static bool may_be_shown(const struct known *k) {
  return k->idle == 0 && k->readings > 1;
}

/* Of those that compete: the busiest without a series, or the least busy with
 * one. */
static struct known *extreme(const struct vr_peers *p, bool shown) {
  struct known *best = NULL;
  for (struct known *k = p->known; k; k = k->hh.next) {
    if (k->named || k->shown != shown || (!shown && !may_be_shown(k)))
      continue;
    if (!best || (shown ? k->busy < best->busy : k->busy > best->busy))
      best = k;
  }
  return best;
}

static bool promote_one(struct vr_peers *p) {
  struct known *next = extreme(p, false);
  if (!next || p->top == 0)
    return false;
  if (p->shown >= p->top) {
    struct known *last = extreme(p, true);
    if (next->busy <= HYSTERESIS * last->busy)
      return false;
    hide(p, last);
    last->ending = true;
  }
  show(p, next);
  return true;
}

void vr_peers_end(struct vr_peers *p, double seconds) {
  struct known *k, *next;
  HASH_ITER(hh, p->known, k, next) {
    take_growth(p, k, seconds);
    age(p, k);
  }
  for (size_t i = 0; i < p->top && promote_one(p); i++)
    ;
}

/* --- what there is --- */

void vr_peers_each(const struct vr_peers *p, vr_peers_fn fn, void *ctx) {
  for (int kind = VR_PEER_MAC + 1; kind < VR_PEER_KINDS; kind++) {
    const struct vr_peer peer = {.kind = (uint8_t)kind};
    fn(ctx, &peer, &p->kinds[kind]);
  }
  for (const struct known *k = p->known; k; k = k->hh.next) {
    const struct vr_peer peer = {.mac = k->mac};
    if (k->shown || k->ending)
      fn(ctx, &peer, &k->series);
  }
}

size_t vr_peers_shown(const struct vr_peers *p, struct vr_mac *macs, size_t n) {
  size_t count = 0;
  for (const struct known *k = p->known; k && count < n; k = k->hh.next)
    if (k->shown)
      macs[count++] = k->mac;
  return count;
}

size_t vr_peers_known(const struct vr_peers *p) { return HASH_COUNT(p->known); }
