/* SPDX-License-Identifier: MIT */
#include "overlay/locations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)

void vr_locations_drop(struct vr_locations *t, struct vr_location *l) {
  HASH_DEL(t->head, l);
  free(l);
}

void vr_locations_clear(struct vr_locations *t) {
  struct vr_location *l, *next;
  HASH_ITER(hh, t->head, l, next) vr_locations_drop(t, l);
}

struct vr_location *vr_locations_find(const struct vr_locations *t,
                                      uint32_t vni, const struct vr_mac *mac) {
  const struct vr_location_key key = {.vni = vni, .mac = *mac};
  struct vr_location *l;
  HASH_FIND(hh, t->head, &key, sizeof(key), l);
  return l;
}

static struct vr_location *add(struct vr_locations *t,
                               const struct vr_announcement *a) {
  struct vr_location *l =
      HASH_COUNT(t->head) < VR_LOCATIONS_MAX ? calloc(1, sizeof(*l)) : NULL;
  if (!l)
    return NULL;
  l->key = (struct vr_location_key){.vni = a->vni, .mac = a->mac};
  HASH_ADD(hh, t->head, key, sizeof(l->key), l);
  return l;
}

static void store(struct vr_location *l, const struct vr_announcement *a,
                  int64_t now) {
  strcpy(l->host, a->host);
  strcpy(l->guest, a->guest);
  l->generation = a->generation;
  l->gone = a->gone;
  l->sent = a->sent;
  l->heard = now;
}

static void note_move(struct vr_location *l, int64_t now) {
  l->moves[l->n_moves++ % VR_LOCATIONS_MOVES] = now;
  l->since = now;
  strcpy(l->from, l->host);
}

/* Of two that came about at the same moment everybody takes the same one. */
static bool wins_tie(const struct vr_announcement *a,
                     const struct vr_location *l) {
  return strcmp(a->host, l->host) > 0;
}

static enum vr_refusal is_outdated(const struct vr_announcement *a,
                                   const struct vr_location *l) {
  if (a->generation != l->generation)
    return a->generation < l->generation ? VR_REFUSAL_OLDER : VR_REFUSAL_NONE;
  if (strcmp(a->host, l->host) != 0)
    return wins_tie(a, l) ? VR_REFUSAL_NONE : VR_REFUSAL_OLDER;
  /* Who has gone comes back with a new generation. */
  return a->sent <= l->sent || (l->gone && !a->gone) ? VR_REFUSAL_REPLAYED
                                                     : VR_REFUSAL_NONE;
}

/* What A changes of L, which is not newer. */
static enum vr_locations_change change_of(const struct vr_announcement *a,
                                          const struct vr_location *l) {
  if (a->gone)
    return l->gone ? VR_LOCATIONS_SAME : VR_LOCATIONS_GONE;
  if (l->gone)
    return VR_LOCATIONS_NEW;
  return strcmp(a->host, l->host) == 0 ? VR_LOCATIONS_SAME : VR_LOCATIONS_MOVED;
}

enum vr_refusal vr_locations_take(struct vr_locations *t,
                                  const struct vr_announcement *a, int64_t now,
                                  enum vr_locations_change *ret_change,
                                  struct vr_location **ret_location) {
  struct vr_location *l = vr_locations_find(t, a->vni, &a->mac);
  enum vr_refusal refusal = l ? is_outdated(a, l) : VR_REFUSAL_NONE;
  *ret_location = l;
  if (refusal != VR_REFUSAL_NONE)
    return refusal;
  *ret_change = l         ? change_of(a, l)
                : a->gone ? VR_LOCATIONS_SAME
                          : VR_LOCATIONS_NEW;
  if (!l && !(l = add(t, a)))
    return VR_REFUSAL_FULL;
  if (*ret_change == VR_LOCATIONS_MOVED)
    note_move(l, now);
  else if (*ret_change == VR_LOCATIONS_NEW)
    l->since = now;
  store(l, a, now);
  *ret_location = l;
  return VR_REFUSAL_NONE;
}

static unsigned moves_since(const struct vr_location *l, int64_t begin) {
  unsigned n = 0;
  for (unsigned i = 0; i < VR_LOCATIONS_MOVES && i < l->n_moves; i++)
    n += l->moves[i] > begin;
  return n;
}

/* Until nobody has tried for as long as the moves are remembered. */
static bool is_held(struct vr_location *l, int64_t now) {
  const int64_t begin = now - VR_LOCATIONS_MOVES_S * SECOND;
  if (moves_since(l, begin) < VR_LOCATIONS_MOVES &&
      (l->contested == 0 || l->contested <= begin))
    return false;
  l->contested = now;
  return true;
}

/* A generation that nobody takes, since a clock was wrong when it was given. */
static bool is_too_far(uint64_t generation, int64_t now) {
  return generation > (uint64_t)now / 1000 + VR_REFUSAL_AHEAD_MS;
}

static uint64_t next_generation(struct vr_locations *t,
                                const struct vr_location *l, int64_t now) {
  uint64_t g = (uint64_t)now / 1000;
  if (g <= t->newest && !is_too_far(t->newest, now))
    g = t->newest + 1;
  if (l && g <= l->generation && !is_too_far(l->generation, now))
    g = l->generation + 1;
  t->newest = g;
  return g;
}

void vr_locations_renew(struct vr_locations *t, struct vr_location *l,
                        int64_t now) {
  if (is_too_far(l->generation, now))
    l->generation = next_generation(t, NULL, now);
}

static bool had_it(const struct vr_location *l, uint64_t claimant) {
  for (unsigned i = 0; i < VR_LOCATIONS_CLAIMANTS; i++)
    if (l->claimants[i] == claimant)
      return true;
  return false;
}

static void note_claimant(struct vr_location *l, uint64_t claimant) {
  if (!had_it(l, claimant))
    l->claimants[l->n_claimants++ % VR_LOCATIONS_CLAIMANTS] = claimant;
}

int vr_locations_claim(struct vr_locations *t, struct vr_announcement *a,
                       unsigned port, uint64_t claimant, int64_t now,
                       struct vr_location **ret_location) {
  struct vr_location *l = vr_locations_find(t, a->vni, &a->mac);
  bool is_move = l && !l->gone &&
                 (strcmp(l->host, a->host) != 0 ||
                  (l->port != port && strcmp(l->guest, a->guest) != 0));
  *ret_location = l;
  if (is_move && had_it(l, claimant) && is_held(l, now))
    return -EBUSY;
  if (!l && !(l = add(t, a)))
    return HASH_COUNT(t->head) < VR_LOCATIONS_MAX ? -ENOMEM : -ENOSPC;
  if (is_move)
    note_move(l, now);
  else
    l->since = now;
  a->generation = next_generation(t, l, now);
  a->sent = now;
  a->gone = false;
  note_claimant(l, claimant);
  l->port = port;
  l->absent = l->farewells = 0;
  l->contested = 0;
  store(l, a, now);
  *ret_location = l;
  return 0;
}

struct vr_location *vr_locations_restore(struct vr_locations *t,
                                         const struct vr_announcement *a) {
  if (vr_locations_find(t, a->vni, &a->mac))
    return NULL;
  struct vr_location *l = add(t, a);
  if (l)
    store(l, a, a->sent);
  return l;
}

void vr_locations_announce(const struct vr_location *l, int64_t now,
                           struct vr_announcement *ret) {
  *ret = (struct vr_announcement){.mac = l->key.mac,
                                  .vni = l->key.vni,
                                  .generation = l->generation,
                                  .gone = l->gone,
                                  .sent = now};
  strcpy(ret->host, l->host);
  strcpy(ret->guest, l->guest);
}
