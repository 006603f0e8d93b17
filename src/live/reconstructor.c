/* SPDX-License-Identifier: MIT */
#include "live/reconstructor_internal.h"

#include "basic/lock.h"
#include "basic/log.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct vr_live_options vr_live_defaults(void) {
  return (struct vr_live_options){
      .min_fit = 5,
      .quality_every = 1,
      .patience = 1,
      .max_guests = 200000,
      .forget_after = 60,
      .history_bytes = 64 << 20,
      .notify_after = 300 * VR_SECOND,
  };
}

struct vr_live *vr_live_new(const struct vr_live_options *options) {
  struct vr_live *r = calloc(1, sizeof(*r));
  if (!r)
    return NULL;
  r->context.options = *options;
  r->context.hosts = vr_live_hosts_new(options->patience);
  r->context.notices = vr_live_notices_new();
  atomic_init(&r->context.history_left, options->history_bytes);
  r->catalog = vr_live_catalog_new(NULL, 0, options->min_fit);
  vr_lock_init(&r->catalog_lock);
  pthread_mutex_init(&r->saved_lock, NULL);
  for (int i = 0; i < VR_SHARDS; i++)
    vr_lock_init(&r->shards[i].lock);
  if (r->context.hosts && r->context.notices && r->catalog)
    return r;
  vr_live_free(r);
  return NULL;
}

void vr_live_saved_guests_free(struct vr_live *r) {
  struct vr_saved_guest *s, *next;
  HASH_ITER(hh, r->saved, s, next) {
    HASH_DEL(r->saved, s);
    vr_live_saved_guest_free(s);
  }
}

void vr_live_free(struct vr_live *r) {
  if (!r)
    return;
  for (int i = 0; i < VR_SHARDS; i++) {
    struct vr_live_guest *g, *next;
    HASH_ITER(hh, r->shards[i].guests, g, next) {
      HASH_DEL(r->shards[i].guests, g);
      vr_live_duplicates_remove(&r->shards[i].namesakes, g);
      vr_live_guest_free(g, &r->context);
    }
    pthread_rwlock_destroy(&r->shards[i].lock);
  }
  vr_live_saved_guests_free(r);
  vr_live_catalog_unref(r->catalog);
  vr_live_hosts_free(r->context.hosts);
  vr_live_notices_free(r->context.notices);
  pthread_mutex_destroy(&r->saved_lock);
  pthread_rwlock_destroy(&r->catalog_lock);
  free(r);
}

int vr_live_set_models(struct vr_live *r, struct vr_model_set *sets,
                       size_t n_sets) {
  struct vr_catalog *c =
      vr_live_catalog_new(sets, n_sets, r->context.options.min_fit);
  if (!c)
    return -ENOMEM;
  pthread_rwlock_wrlock(&r->catalog_lock);
  struct vr_catalog *old = r->catalog;
  r->catalog = c;
  pthread_rwlock_unlock(&r->catalog_lock);
  vr_live_catalog_unref(old);
  return 0;
}

/* --- guests --- */

enum { KEY_SIZE = 2 * VR_FIELD_SIZE };

struct guest_key {
  char text[KEY_SIZE];
  size_t length;
  unsigned hash, name_hash;
};

static bool make_key(const char *host, const char *guest, struct guest_key *k) {
  char *name = memccpy(k->text, host, '\0', VR_FIELD_SIZE);
  char *end = name ? memccpy(name, guest, '\0', VR_FIELD_SIZE) : NULL;
  if (!end)
    return false;
  k->length = (size_t)(end - k->text);
  HASH_VALUE(k->text, k->length, k->hash);
  HASH_VALUE(name, (size_t)(end - name), k->name_hash);
  return true;
}

/* Its table is indexed by the low bits. */
static struct vr_shard *shard_of(struct vr_live *r, const struct guest_key *k) {
  return &r->shards[(k->name_hash >> 16) % VR_SHARDS];
}

static struct vr_live_guest *find(struct vr_shard *shard,
                                  const struct guest_key *k) {
  struct vr_live_guest *g = NULL;
  HASH_FIND_BYHASHVALUE(hh, shard->guests, k->text, k->length, k->hash, g);
  return g;
}

/* Takes the state that was saved for the guest out of what was read. */
static struct vr_saved_guest *take_saved(struct vr_live *r,
                                         const struct guest_key *k) {
  struct vr_saved_guest *s = NULL;
  pthread_mutex_lock(&r->saved_lock);
  HASH_FIND(hh, r->saved, k->text, k->length, s);
  if (s)
    HASH_DEL(r->saved, s);
  pthread_mutex_unlock(&r->saved_lock);
  return s;
}

static bool room_for_guest(struct vr_live *r) {
  if (atomic_load(&r->n_guests) < r->context.options.max_guests)
    return true;
  vr_log_complain(
      &r->too_many, LOG_WARNING,
      "%zu guests are known, which is the limit: others are ignored",
      r->context.options.max_guests);
  return false;
}

static int add_guest(struct vr_live *r, struct vr_shard *shard,
                     const struct guest_key *k) {
  if (!room_for_guest(r))
    return -ENOSPC;
  struct vr_live_guest *g =
      vr_live_guest_new(k->text, k->length, &r->context, r->catalog);
  if (!g)
    return -ENOMEM;
  pthread_rwlock_wrlock(&shard->lock);
  bool known = find(shard, k) != NULL; /* another thread was faster */
  int s = known ? 0 : vr_live_duplicates_add(&shard->namesakes, g);
  if (!known && s == 0) {
    g->saved = take_saved(r, k);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, shard->guests, g->key, g->key_length,
                                k->hash, g);
  }
  pthread_rwlock_unlock(&shard->lock);
  if (known || s < 0)
    vr_live_guest_free(g, &r->context);
  else
    atomic_fetch_add(&r->n_guests, 1);
  return s;
}

/* The guest that is meant; NULL if it is not known. Without a HOST it is that
 * of the name whose host is known, else one that is its own. */
static struct vr_live_guest *find_meant(struct vr_shard *shard,
                                        const char *host, const char *name,
                                        const struct guest_key *k) {
  struct vr_live_guest *home =
      host ? NULL : vr_live_duplicates_owner(shard->namesakes, name);
  return home ? home : find(shard, k);
}

/* The guest, locked; NULL if it is not known. HOST may be NULL.
 * Whoever removes a guest holds the table's lock for writing, so that nobody
 * waits for the lock of a guest that is about to go. */
static struct vr_live_guest *lock_known(struct vr_shard *shard,
                                        const char *host, const char *name,
                                        const struct guest_key *k) {
  pthread_rwlock_rdlock(&shard->lock);
  struct vr_live_guest *g = find_meant(shard, host, name, k);
  if (g)
    pthread_mutex_lock(&g->lock);
  pthread_rwlock_unlock(&shard->lock);
  return g;
}

/* The guest, locked, created if it is not known; HOST may be NULL. NULL with
 * *ret_error set. */
static struct vr_live_guest *lock_guest(struct vr_live *r, const char *host,
                                        const char *name, int *ret_error) {
  struct guest_key k;
  *ret_error = -EINVAL;
  if (!make_key(host ? host : name, name, &k))
    return NULL;
  struct vr_shard *shard = shard_of(r, &k);
  for (;;) {
    struct vr_live_guest *g = lock_known(shard, host, name, &k);
    if (g)
      return g;
    *ret_error = add_guest(r, shard, &k);
    if (*ret_error < 0)
      return NULL;
  }
}

/* --- feeding --- */

/* Intervals beyond these are nobody's, but whoever may send values may state
 * any: sums of some of them must stay within what time can be. */
static bool is_sane(vr_time time, vr_time interval) {
  return time > 0 && time < INT64_MAX / 2 && interval >= VR_SHORTEST_INTERVAL &&
         interval <= VR_LONGEST_INTERVAL;
}

static const struct vr_value *find_value(const struct vr_value *values,
                                         size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(values[i].name, name) == 0)
      return &values[i];
  return NULL;
}

/* One value list on its way through the signals that want something of it. The
 * signals of a list mostly belong to one guest, which stays locked. */
struct feeding {
  struct vr_live *r;
  vr_time time, interval;
  struct vr_live_guest *guest;
  bool host_told; /* of the guest, by the series that led to it */
  int result;
};

static void leave_guest(struct feeding *f) {
  if (!f->guest)
    return;
  vr_live_guest_advance(f->guest, &f->r->context);
  pthread_mutex_unlock(&f->guest->lock);
  f->guest = NULL;
}

/* HOST is NULL where the series does not tell it. */
static bool enter_guest(struct feeding *f, const char *host, const char *name) {
  if (f->guest && f->host_told == (host != NULL) &&
      strcmp(f->guest->name, name) == 0 &&
      (!host || strcmp(f->guest->host, host) == 0))
    return true;
  leave_guest(f);
  f->host_told = host != NULL;
  int error = 0;
  f->guest = lock_guest(f->r, host, name, &error);
  if (!f->guest) {
    if (error == -ENOMEM)
      f->result = error;
    return false;
  }
  if (host || strcmp(f->guest->host, name) == 0)
    atomic_store_explicit(&f->guest->silent, 0, memory_order_relaxed);
  return true;
}

static void feed_signal(struct feeding *f, const struct vr_catalog_signal *s,
                        const struct vr_value *value, const char *host,
                        const char *guest) {
  struct vr_arrival arrival = {.signal = s->index,
                               .kind = value->kind,
                               .interval = f->interval,
                               .sample = {f->time, value->number}};
  int r;
  if (!guest) {
    r = vr_live_hosts_add(f->r->context.hosts, host, s->text, value->kind,
                          f->interval, &arrival.sample);
  } else if (enter_guest(f, host, guest)) {
    arrival.host_told = host || strcmp(f->guest->host, guest) == 0;
    r = vr_live_guest_add(f->guest, &f->r->context, f->r->catalog, &arrival);
  } else {
    return;
  }
  f->result = r < 0 ? r : 1;
}

/* The guest itself speaks, of itself. It is known only through what its host
 * says: most who send such series are no guests. */
static void hear_own(struct feeding *f, const struct vr_catalog_signal *s,
                     const struct vr_value *value, const char *name) {
  struct vr_sample sample = {f->time, value->number};
  struct guest_key k;
  leave_guest(f);
  if (!make_key(name, name, &k))
    return;
  struct vr_live_guest *g = lock_known(shard_of(f->r, &k), NULL, name, &k);
  if (!g)
    return;
  if (vr_live_guest_add_own(g, s->own - 1, value->kind, f->interval, &sample) <
      0)
    f->result = -ENOMEM;
  pthread_mutex_unlock(&g->lock);
}

static bool is_conclusion(const struct vr_identifier *id) {
  size_t n = strlen(id->host), m = strlen(VR_NATIVE_SUFFIX);
  return n >= m && strcmp(id->host + n - m, VR_NATIVE_SUFFIX) == 0;
}

int vr_live_feed(struct vr_live *r, const struct vr_identifier *id,
                 vr_time time, vr_time interval, const struct vr_value *values,
                 size_t n) {
  struct feeding f = {.r = r, .time = time, .interval = interval};
  pthread_rwlock_rdlock(&r->catalog_lock);
  const struct vr_wanted *w = vr_live_catalog_find(r->catalog, id);
  if (w && is_sane(time, interval) && !is_conclusion(id)) {
    for (uint32_t i = w->first; i != VR_NO_SIGNAL;) {
      const struct vr_catalog_signal *s = r->catalog->signals[i];
      const char *host = NULL, *guest = NULL;
      const struct vr_value *v =
          find_value(values, n, s->pattern.name.data_source);
      if (v && vr_live_catalog_match(s, id, &host, &guest)) {
        if (s->own)
          hear_own(&f, s, v, guest);
        if (s->kept)
          feed_signal(&f, s, v, host, guest);
      }
      i = s->next;
    }
    leave_guest(&f);
  }
  pthread_rwlock_unlock(&r->catalog_lock);
  return f.result;
}

void vr_live_standby(struct vr_live *r, const char *host, const char *guest,
                     vr_time time, vr_time interval) {
  struct guest_key k;
  if (!is_sane(time, interval) || !make_key(host, guest, &k))
    return;
  struct vr_shard *shard = shard_of(r, &k);
  pthread_rwlock_rdlock(&shard->lock);
  struct vr_live_guest *g = find(shard, &k);
  if (g)
    pthread_mutex_lock(&g->lock);
  pthread_rwlock_unlock(&shard->lock);
  if (!g) /* nobody here would say anything about it */
    return;
  if (g->silent_until == 0)
    vr_log_info("guest %s on %s: answered elsewhere already, nothing is added",
                guest, host);
  vr_live_guest_standby(g, &r->context, time, interval);
  pthread_mutex_unlock(&g->lock);
}

/* --- housekeeping --- */

void vr_live_take_notices(struct vr_live *r, vr_notice_fn fn, void *user) {
  vr_live_notices_take(r->context.notices, fn, user);
}

/* Nobody has come for what is still waiting. */
static void drop_saved(struct vr_live *r) {
  for (int i = 0; i < VR_SHARDS; i++) {
    struct vr_shard *shard = &r->shards[i];
    pthread_rwlock_rdlock(&shard->lock);
    for (struct vr_live_guest *g = shard->guests; g; g = g->hh.next) {
      pthread_mutex_lock(&g->lock);
      vr_live_saved_guest_free(g->saved);
      g->saved = NULL;
      pthread_mutex_unlock(&g->lock);
    }
    pthread_rwlock_unlock(&shard->lock);
  }
  pthread_mutex_lock(&r->saved_lock);
  size_t n = HASH_COUNT(r->saved);
  vr_live_saved_guests_free(r);
  pthread_mutex_unlock(&r->saved_lock);
  if (n > 0)
    vr_log_notice(
        "saved state: %zu guests have not come back, theirs is dropped", n);
}

/* What of the saved state is of no use, in one line. */
static void report_saved(struct vr_live *r) {
  size_t too_old = atomic_load(&r->context.too_old),
         changed = atomic_load(&r->saved_changed);
  if (too_old > 0 || changed > 0)
    vr_log_notice("saved state: ignored %zu runs that are too old, and %zu of "
                  "models that are not there or have changed",
                  too_old, changed);
}

static void sweep_saved(struct vr_live *r) {
  unsigned sweeps = atomic_fetch_add(&r->sweeps, 1) + 1;
  if (sweeps == VR_SAVED_REPORT)
    report_saved(r);
  if (sweeps == VR_SAVED_LIFE * r->context.options.forget_after)
    drop_saved(r);
}

size_t vr_live_sweep(struct vr_live *r) {
  unsigned limit = r->context.options.forget_after;
  for (int i = 0; i < VR_SHARDS; i++) {
    struct vr_shard *shard = &r->shards[i];
    struct vr_live_guest *g, *next;
    pthread_rwlock_wrlock(&shard->lock);
    HASH_ITER(hh, shard->guests, g, next) {
      if (atomic_fetch_add(&g->silent, 1) < limit)
        continue;
      /* Whoever still works on it got its lock before this table's. */
      pthread_mutex_lock(&g->lock);
      HASH_DEL(shard->guests, g);
      vr_live_duplicates_remove(&shard->namesakes, g);
      pthread_mutex_unlock(&g->lock);
      vr_live_guest_end_alarms(g, &r->context);
      vr_live_guest_free(g, &r->context);
      atomic_fetch_sub(&r->n_guests, 1);
    }
    vr_live_duplicates_settle(shard->namesakes, &r->context);
    pthread_rwlock_unlock(&shard->lock);
  }
  sweep_saved(r);
  size_t n = atomic_load(&r->n_guests);
  if (n < r->context.options.max_guests)
    vr_log_relieved(&r->too_many, "there is room for new guests again");
  return n;
}

struct vr_live_stats vr_live_stats(struct vr_live *r) {
  struct vr_live_stats s = {0};
  pthread_rwlock_rdlock(&r->catalog_lock);
  s.models = r->catalog->n_models;
  pthread_rwlock_unlock(&r->catalog_lock);
  s.guests = atomic_load(&r->n_guests);
  s.late = atomic_load(&r->context.late);
  return s;
}
