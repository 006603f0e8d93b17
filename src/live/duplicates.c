/* SPDX-License-Identifier: MIT */
#include "live/duplicates.h"

#include "live/presence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static bool has_host(const struct vr_live_guest *g) {
  return strcmp(g->host, g->name) != 0;
}

static struct vr_duplicates *find(struct vr_duplicates *table,
                                  const char *name) {
  struct vr_duplicates *n = NULL;
  HASH_FIND_STR(table, name, n);
  return n;
}

/* The entry of NAME, made if there is none. NULL when out of memory. */
static struct vr_duplicates *find_or_add(struct vr_duplicates **table,
                                         const char *name) {
  struct vr_duplicates *n = find(*table, name);
  if (n)
    return n;
  n = calloc(1, sizeof(*n));
  char *copy = strdup(name);
  if (!n || !copy) {
    free(n);
    free(copy);
    return NULL;
  }
  n->name = copy;
  HASH_ADD_KEYPTR(hh, *table, n->name, strlen(n->name), n);
  return n;
}

/* The native names belong to G from now on. */
static void give_names(struct vr_duplicates *n, struct vr_live_guest *g) {
  if (n->named == g)
    return;
  if (n->named)
    atomic_store(&n->named->owns_name, false);
  n->named = g;
  if (g)
    atomic_store(&g->owns_name, true);
}

int vr_live_duplicates_add(struct vr_duplicates **table,
                           struct vr_live_guest *g) {
  struct vr_duplicates *n = find_or_add(table, g->name);
  if (!n)
    return -ENOMEM;
  DL_PREPEND2(n->first, g, previous_duplicate, next_duplicate);
  if (!n->owner && has_host(g))
    n->owner = g;
  if (!n->named || n->owner == g)
    give_names(n, g);
  return 0;
}

void vr_live_duplicates_remove(struct vr_duplicates **table,
                               struct vr_live_guest *g) {
  struct vr_duplicates *n = find(*table, g->name);
  if (!n)
    return;
  DL_DELETE2(n->first, g, previous_duplicate, next_duplicate);
  if (n->owner == g)
    n->owner = NULL;
  for (struct vr_live_guest *o = n->first; o && !n->owner;
       o = o->next_duplicate)
    if (has_host(o))
      n->owner = o;
  if (n->named == g)
    give_names(n, n->owner ? n->owner : n->first);
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
  bool several = !n->owner && (has_host(n->first) || n->first->next_duplicate);
  if (several)
    vr_log_complain(
        &n->ambiguous, LOG_NOTICE,
        "guest %s: several hosts have a guest of this name; series that do not "
        "name the host are not used for any of them: give the guests "
        "different names, or let collectd name the host (HostnameFormat)",
        name);
  return n->owner;
}

/* --- the owning host --- */

/* The guests of a name whose hosts send values of them. */
struct present {
  unsigned n, n_long; /* and how many for longer than a migration takes */
  struct vr_live_guest *last;
  bool owner, named; /* are these among them? */
};

static struct present find_present(const struct vr_duplicates *n, vr_time now,
                                   unsigned allowed_lateness) {
  struct present found = {0};
  for (struct vr_live_guest *g = n->first; g; g = g->next_duplicate) {
    struct vr_presence p = vr_live_presence_of(g);
    if (!has_host(g) || !vr_live_presence_has_begun(&p) ||
        vr_live_presence_has_ended(&p, now, allowed_lateness))
      continue;
    found.n++;
    found.n_long += now - p.born > VR_PRESENCE_OVERLAP;
    found.last = g;
    found.owner |= g == n->owner;
    found.named |= g == n->named;
  }
  return found;
}

void vr_live_duplicates_find_owner(struct vr_duplicates *n, vr_time now,
                                   unsigned allowed_lateness) {
  struct present found = find_present(n, now, allowed_lateness);
  if (found.n == 1) {
    n->owner = found.last;
    atomic_store(&n->ambiguous.active, false);
  } else if (found.n_long > 1) {
    n->owner = NULL;
  } else if (found.n > 1 && !found.owner && n->owner) {
    n->owner = found.last;
  }
  if (n->owner)
    give_names(n, n->owner);
  else if (found.last && !found.named)
    give_names(n, found.last);
}
