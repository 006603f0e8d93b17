/* SPDX-License-Identifier: MIT */
#include "live/migration.h"

#include "basic/log.h"
#include "live/memory.h"
#include "live/presence.h"

/* The guest of the name with the newest value; NULL where none has any. */
static struct vr_live_guest *find_newest(struct vr_duplicates *n,
                                         struct vr_presence *ret_presence) {
  struct vr_live_guest *newest = NULL;
  for (struct vr_live_guest *g = n->first; g; g = g->next_duplicate) {
    struct vr_presence p = vr_live_presence_of(g);
    if (!vr_live_presence_has_begun(&p) ||
        (newest && p.newest <= ret_presence->newest))
      continue;
    newest = g;
    *ret_presence = p;
  }
  return newest;
}

/* Can a guest of presence OLD have become that of presence P elsewhere? */
static bool can_be_source(const struct vr_presence *old,
                          const struct vr_presence *p,
                          unsigned allowed_lateness) {
  return vr_live_presence_has_begun(old) && old->born <= p->born &&
         p->born >= old->newest - VR_PRESENCE_OVERLAP &&
         vr_live_presence_has_ended(old, p->newest, allowed_lateness);
}

/* The guest from which G, of presence P, has migrated; NULL if from none. */
static struct vr_live_guest *find_source(struct vr_duplicates *n,
                                         const struct vr_live_guest *g,
                                         const struct vr_presence *p,
                                         unsigned allowed_lateness) {
  struct vr_live_guest *best = NULL;
  vr_time newest = 0;
  for (struct vr_live_guest *o = n->first; o; o = o->next_duplicate) {
    if (o == g)
      continue;
    struct vr_presence old = vr_live_presence_of(o);
    if (!can_be_source(&old, p, allowed_lateness) ||
        (best && old.newest <= newest))
      continue;
    best = o;
    newest = old.newest;
  }
  return best;
}

static void hand_over(struct vr_live_guest *from, struct vr_live_guest *to,
                      struct vr_live_context *context) {
  pthread_mutex_lock(&from->lock);
  struct vr_saved_guest *saved = vr_live_memory_of_runs(from);
  pthread_mutex_unlock(&from->lock);
  if (!saved)
    return;
  pthread_mutex_lock(&to->lock);
  unsigned n = vr_live_memory_inherit(to, context, saved);
  pthread_mutex_unlock(&to->lock);
  vr_log_info("guest %s has migrated from %s to %s: %u of its models continue "
              "from their state there",
              to->name, from->host, to->host, n);
}

static void settle(struct vr_duplicates *n, struct vr_live_context *context) {
  unsigned lateness = context->options.allowed_lateness;
  struct vr_presence p = {0};
  struct vr_live_guest *newest = find_newest(n, &p);
  if (!newest)
    return;
  struct vr_live_guest *source =
      p.inherited ? NULL : find_source(n, newest, &p, lateness);
  if (source)
    hand_over(source, newest, context);
  vr_live_duplicates_find_owner(n, p.newest, lateness);
}

void vr_live_migration_settle(struct vr_duplicates *table,
                              struct vr_live_context *context) {
  struct vr_duplicates *n, *next;
  HASH_ITER(hh, table, n, next) {
    if (n->first->next_duplicate)
      settle(n, context);
  }
}
