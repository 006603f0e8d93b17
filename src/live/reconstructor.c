/* SPDX-License-Identifier: MIT */
#include "live/reconstructor.h"

#include "basic/lock.h"
#include "basic/log.h"
#include "live/absent.h"
#include "live/catalog.h"
#include "live/guest.h"
#include "live/guest_table.h"
#include "live/state_file.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <stdlib.h>

enum {
  /* So many times forget_after the guest of a saved state is waited for. */
  SAVED_LIFE = 12,
  /* Sweeps after which the log reports what of the saved state was not used: by
   * then most guests have appeared. */
  SAVED_REPORT = 12,
  /* The same for models of guests that have not appeared, since models were
   * last read. */
  ABSENT_REPORT = 12,
  /* So many intervals after the last value of a device its guest still has it.
   */
  DETAIL_INTERVALS = 3,
};

struct vr_live {
  struct vr_live_context context;
  pthread_rwlock_t catalog_lock;
  struct vr_catalog *catalog;
  /* Those before it, which guests hold until their next value: what frees one
   * takes its time, which must not be that of a guest's values. */
  struct vr_catalog *_Atomic retired;
  struct vr_guest_table guests;
  struct vr_state_file state;
  atomic_uint sweeps; /* since the saved state was read */
  atomic_uint sweeps_of_models;
};

struct vr_live *vr_live_new(const struct vr_live_options *options) {
  struct vr_live *r = calloc(1, sizeof(*r));
  if (!r)
    return NULL;
  r->context.options = *options;
  r->context.hosts = vr_live_hosts_new(options->allowed_lateness);
  r->context.notices = vr_live_notices_new();
  atomic_init(&r->context.history_left, options->history_bytes);
  r->catalog = vr_live_catalog_new(NULL, 0, options->min_fit, false);
  vr_lock_init(&r->catalog_lock);
  vr_live_table_init(&r->guests, &r->context);
  if (r->context.hosts && r->context.notices && r->catalog)
    return r;
  vr_live_free(r);
  return NULL;
}

static void retire(struct vr_live *r, struct vr_catalog *c) {
  c->next_retired = atomic_load(&r->retired);
  while (!atomic_compare_exchange_weak(&r->retired, &c->next_retired, c))
    ;
}

/* Frees those that no guest holds any more. */
static void free_retired(struct vr_live *r) {
  struct vr_catalog *c = atomic_exchange(&r->retired, NULL), *next;
  for (; c; c = next) {
    next = c->next_retired;
    if (atomic_load(&c->references) == 1)
      vr_live_catalog_unref(c);
    else
      retire(r, c);
  }
}

void vr_live_free(struct vr_live *r) {
  if (!r)
    return;
  vr_live_table_clear(&r->guests);
  free_retired(r);
  vr_live_catalog_unref(r->catalog);
  vr_live_hosts_free(r->context.hosts);
  vr_live_notices_free(r->context.notices);
  pthread_rwlock_destroy(&r->catalog_lock);
  free(r);
}

int vr_live_set_models(struct vr_live *r, struct vr_model_set *sets,
                       size_t n_sets) {
  const struct vr_live_options *o = &r->context.options;
  struct vr_catalog *c =
      vr_live_catalog_new(sets, n_sets, o->min_fit, o->no_derived);
  if (!c)
    return -ENOMEM;
  pthread_rwlock_wrlock(&r->catalog_lock);
  struct vr_catalog *old = r->catalog;
  r->catalog = c;
  pthread_rwlock_unlock(&r->catalog_lock);
  retire(r, old);
  atomic_store(&r->sweeps_of_models, 0);
  return 0;
}

int vr_live_feed(struct vr_live *r, const struct vr_identifier *id,
                 vr_time time, vr_time interval, const struct vr_value *values,
                 size_t n) {
  pthread_rwlock_rdlock(&r->catalog_lock);
  const struct vr_wanted *w = vr_live_catalog_find(r->catalog, id);
  int result = w ? vr_live_feed_list(&r->guests, r->catalog, w, id, time,
                                     interval, values, n)
                 : 0;
  pthread_rwlock_unlock(&r->catalog_lock);
  return result;
}

void vr_live_standby(struct vr_live *r, const char *host, const char *guest,
                     vr_time time, vr_time interval) {
  if (!vr_live_is_sane(time, interval))
    return;
  struct vr_live_guest *g = vr_live_table_lock_known(&r->guests, host, guest);
  if (!g) /* nothing would be published here about it */
    return;
  if (g->standby_until == 0)
    vr_log_info("guest %s on %s: another target publishes its values; this one "
                "is on standby for it",
                guest, host);
  vr_live_guest_standby(g, &r->context, time, interval);
  pthread_mutex_unlock(&g->lock);
}

bool vr_live_passes(struct vr_live *r, const char *host, const char *guest,
                    unsigned kind, vr_time time, vr_time interval,
                    bool *ret_named) {
  if (!vr_live_is_sane(time, interval))
    return false;
  struct vr_live_guest *g = vr_live_table_lock_known(&r->guests, host, guest);
  if (!g)
    return false;
  vr_time until = time + DETAIL_INTERVALS * interval;
  g->details = (time <= g->details_until ? g->details : 0) | kind;
  g->details_until = until > g->details_until ? until : g->details_until;
  bool ours = time > g->standby_until;
  *ret_named = atomic_load(&g->owns_name);
  pthread_mutex_unlock(&g->lock);
  return ours;
}

/* --- housekeeping --- */

void vr_live_take_notices(struct vr_live *r, vr_notice_fn fn, void *user) {
  vr_live_notices_take(r->context.notices, fn, user);
}

static int drop_saved_of(void *unused, struct vr_live_guest *g) {
  (void)unused;
  vr_live_saved_guest_free(g->saved);
  g->saved = NULL;
  return 0;
}

/* Nothing has come up that could use what is still waiting. */
static void drop_saved(struct vr_live *r) {
  for (int i = 0; i < VR_SHARDS; i++)
    vr_live_shard_each(&r->guests.shards[i], drop_saved_of, NULL);
  size_t n = vr_live_waiting_drop(&r->guests.waiting);
  if (n > 0)
    vr_log_notice("saved state: %zu guests have not come back: their state is "
                  "dropped",
                  n);
}

/* What of the saved state is not used, in one line. */
static void report_saved(struct vr_live *r) {
  size_t too_old = atomic_load(&r->context.too_old),
         changed = atomic_load(&r->state.changed);
  if (too_old > 0 || changed > 0)
    vr_log_notice("saved state: ignored %zu runs that are too old or damaged, "
                  "and %zu of models that are missing or have changed: these "
                  "models start anew",
                  too_old, changed);
}

static void report_absent(struct vr_live *r) {
  pthread_rwlock_rdlock(&r->catalog_lock);
  vr_live_absent_report(r->catalog, &r->guests);
  pthread_rwlock_unlock(&r->catalog_lock);
}

size_t vr_live_sweep(struct vr_live *r) {
  free_retired(r);
  size_t n = vr_live_table_sweep(&r->guests);
  unsigned sweeps = atomic_fetch_add(&r->sweeps, 1) + 1;
  if (sweeps == SAVED_REPORT)
    report_saved(r);
  if (atomic_fetch_add(&r->sweeps_of_models, 1) + 1 == ABSENT_REPORT)
    report_absent(r);
  if (sweeps == SAVED_LIFE * r->context.options.forget_after)
    drop_saved(r);
  return n;
}

int vr_live_save(struct vr_live *r, const char *path) {
  return vr_live_state_write(&r->state, &r->guests, path);
}

size_t vr_live_state_progress(struct vr_live *r) {
  return atomic_load(&r->state.progress);
}

/* Nothing is locked while the file is read: a disk may be slow. */
int vr_live_restore(struct vr_live *r, const char *path) {
  struct vr_waiting read;
  vr_live_waiting_init(&read);
  int result = vr_live_state_read(&r->state, &read, path);
  pthread_rwlock_rdlock(&r->catalog_lock);
  if (result == 0)
    atomic_store(&r->state.changed,
                 vr_live_state_count_changed(&read, r->catalog));
  pthread_rwlock_unlock(&r->catalog_lock);
  vr_live_waiting_merge(&r->guests.waiting, &read);
  vr_live_waiting_clear(&read);
  return result;
}

struct vr_live_stats vr_live_stats(struct vr_live *r) {
  struct vr_live_stats s = {0};
  pthread_rwlock_rdlock(&r->catalog_lock);
  s.models = r->catalog->n_models;
  pthread_rwlock_unlock(&r->catalog_lock);
  s.guests = atomic_load(&r->guests.n_guests);
  s.late = atomic_load(&r->context.late);
  s.withheld = atomic_load(&r->context.withheld);
  return s;
}
