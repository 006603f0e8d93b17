/* SPDX-License-Identifier: MIT */
#include "live/duplicates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
  /* A migration takes no longer, and who has been seen for longer on two hosts
   * at once is two guests. */
  SIDE_BY_SIDE_SECONDS = 600,
  /* Clocks of hosts differ: a guest is silent only if besides the time of
   * values the sweeps say so. */
  SILENT_SWEEPS = 2,
};

static bool has_host(const struct vr_live_guest *g) {
  return strcmp(g->host, g->name) != 0;
}

/* --- the table --- */

static struct vr_duplicates *find(struct vr_duplicates *table,
                                  const char *name) {
  struct vr_duplicates *n = NULL;
  HASH_FIND_STR(table, name, n);
  return n;
}

/* The native names are those of G from now on. */
static void give_names(struct vr_duplicates *n, struct vr_live_guest *g) {
  if (n->named == g)
    return;
  if (n->named)
    atomic_store(&n->named->named, false);
  n->named = g;
  if (g)
    atomic_store(&g->named, true);
}

int vr_live_duplicates_add(struct vr_duplicates **table,
                           struct vr_live_guest *g) {
  struct vr_duplicates *n = find(*table, g->name);
  if (!n) {
    n = calloc(1, sizeof(*n));
    char *copy = strdup(g->name);
    if (!n || !copy) {
      free(n);
      free(copy);
      return -ENOMEM;
    }
    n->name = copy;
    HASH_ADD_KEYPTR(hh, *table, n->name, strlen(n->name), n);
  }
  g->namesake = n->first;
  n->first = g;
  if (!n->home && has_host(g))
    n->home = g;
  if (!n->named || n->home == g)
    give_names(n, g);
  return 0;
}

void vr_live_duplicates_remove(struct vr_duplicates **table,
                               struct vr_live_guest *g) {
  struct vr_duplicates *n = find(*table, g->name);
  if (!n)
    return;
  for (struct vr_live_guest **at = &n->first; *at; at = &(*at)->namesake)
    if (*at == g) {
      *at = g->namesake;
      break;
    }
  if (n->home == g)
    n->home = NULL;
  for (struct vr_live_guest *o = n->first; o && !n->home; o = o->namesake)
    if (has_host(o))
      n->home = o;
  if (n->named == g)
    give_names(n, n->home ? n->home : n->first);
  if (n->first)
    return;
  HASH_DEL(*table, n);
  free(n->name);
  free(n);
}

struct vr_live_guest *vr_live_duplicates_owner(struct vr_duplicates *table,
                                               const char *name) {
  struct vr_duplicates *n = find(table, name);
  if (!n)
    return NULL;
  bool several = !n->home && (has_host(n->first) || n->first->namesake);
  if (several)
    vr_log_complain(
        &n->ambiguous, LOG_NOTICE,
        "guest %s: several hosts have one of this name, and series "
        "without a host do not tell of which they speak: they are kept "
        "apart",
        name);
  return n->home;
}

/* --- who is alive --- */

struct look {
  vr_time born, newest, interval;
  unsigned sweeps;
  bool inherited;
};

static struct look look_at(struct vr_live_guest *g) {
  pthread_mutex_lock(&g->lock);
  struct look l = {g->born, g->newest, vr_live_guest_interval(g),
                   atomic_load(&g->silent), g->inherited};
  pthread_mutex_unlock(&g->lock);
  return l;
}

/* A guest is made before its first value is fed: till then its times are none.
 */
static bool was_heard(const struct look *l) { return l->newest != INT64_MIN; }

/* Has it, which was heard, fallen silent, as of NOW? */
static bool is_silent(const struct look *l, vr_time now, unsigned patience) {
  return l->sweeps >= SILENT_SWEEPS &&
         now - l->newest > l->interval * (3 + (vr_time)patience);
}

static struct vr_live_guest *newest_speaker(struct vr_duplicates *n,
                                            struct look *ret_look) {
  struct vr_live_guest *speaker = NULL;
  for (struct vr_live_guest *g = n->first; g; g = g->namesake) {
    struct look l = look_at(g);
    if (!was_heard(&l) || (speaker && l.newest <= ret_look->newest))
      continue;
    speaker = g;
    *ret_look = l;
  }
  return speaker;
}

/* --- migration --- */

/* The namesake that SPEAKER (L) goes on from; NULL if there is none. */
static struct vr_live_guest *forerunner(struct vr_duplicates *n,
                                        const struct vr_live_guest *speaker,
                                        const struct look *l,
                                        unsigned patience) {
  struct vr_live_guest *best = NULL;
  vr_time newest = 0;
  for (struct vr_live_guest *g = n->first; g; g = g->namesake) {
    if (g == speaker)
      continue;
    struct look old = look_at(g);
    if (!was_heard(&old) || old.born > l->born ||
        l->born < old.newest - SIDE_BY_SIDE_SECONDS * VR_SECOND ||
        !is_silent(&old, l->newest, patience))
      continue;
    if (best && old.newest <= newest)
      continue;
    best = g;
    newest = old.newest;
  }
  return best;
}

static void hand_over(struct vr_live_guest *from, struct vr_live_guest *to,
                      struct vr_live_context *context) {
  pthread_mutex_lock(&from->lock);
  struct vr_saved_guest *saved = vr_live_guest_save_runs(from);
  pthread_mutex_unlock(&from->lock);
  if (!saved)
    return;
  pthread_mutex_lock(&to->lock);
  unsigned n = vr_live_guest_inherit(to, context, saved);
  pthread_mutex_unlock(&to->lock);
  vr_log_info(
      "guest %s has gone from %s to %s: %u of its models go on from there",
      to->name, from->host, to->host, n);
}

/* --- whose are the series without a host --- */

static void find_home(struct vr_duplicates *n, vr_time now, unsigned patience) {
  unsigned alive = 0, settled = 0;
  struct vr_live_guest *last = NULL;
  bool home_is_alive = false, named_is_alive = false;
  for (struct vr_live_guest *g = n->first; g; g = g->namesake) {
    struct look l = look_at(g);
    if (!has_host(g) || !was_heard(&l) || is_silent(&l, now, patience))
      continue;
    alive++;
    settled += now - l.born > SIDE_BY_SIDE_SECONDS * VR_SECOND;
    last = g;
    home_is_alive = home_is_alive || g == n->home;
    named_is_alive = named_is_alive || g == n->named;
  }
  if (alive == 1) {
    n->home = last;
    atomic_store(&n->ambiguous.active, false);
  } else if (settled > 1) {
    n->home = NULL;
  } else if (alive > 1 && !home_is_alive && n->home) {
    n->home = last;
  }
  if (n->home)
    give_names(n, n->home);
  else if (last && !named_is_alive)
    give_names(n, last);
}

static void settle(struct vr_duplicates *n, struct vr_live_context *context) {
  unsigned patience = context->options.patience;
  struct look l = {0};
  struct vr_live_guest *speaker = newest_speaker(n, &l);
  if (!speaker)
    return;
  struct vr_live_guest *from =
      l.inherited ? NULL : forerunner(n, speaker, &l, patience);
  if (from)
    hand_over(from, speaker, context);
  find_home(n, l.newest, patience);
}

void vr_live_duplicates_settle(struct vr_duplicates *table,
                               struct vr_live_context *context) {
  struct vr_duplicates *n, *next;
  HASH_ITER(hh, table, n, next) {
    if (n->first->namesake)
      settle(n, context);
  }
}
