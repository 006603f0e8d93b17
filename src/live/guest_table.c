/* SPDX-License-Identifier: MIT */
#include "live/guest_table.h"

#include "basic/cleanup.h"
#include "basic/lock.h"
#include "live/alarms.h"
#include "live/guest.h"
#include "live/migration.h"

#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>

void vr_live_table_init(struct vr_guest_table *t,
                        struct vr_live_context *context) {
  t->context = context;
  vr_live_waiting_init(&t->waiting);
  for (int i = 0; i < VR_SHARDS; i++)
    vr_lock_init(&t->shards[i].lock);
}

static void take_out(struct vr_shard *shard, struct vr_live_guest *g) {
  HASH_DEL(shard->guests, g);
  vr_live_duplicates_remove(&shard->duplicates, g);
}

void vr_live_table_clear(struct vr_guest_table *t) {
  for (int i = 0; i < VR_SHARDS; i++) {
    struct vr_live_guest *g, *next;
    HASH_ITER(hh, t->shards[i].guests, g, next) {
      take_out(&t->shards[i], g);
      vr_live_guest_free(g, t->context);
    }
    pthread_rwlock_destroy(&t->shards[i].lock);
  }
  vr_live_waiting_clear(&t->waiting);
}

/* --- keys --- */

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

/* The shard's own table is indexed by the low bits. */
static struct vr_shard *shard_of(struct vr_guest_table *t,
                                 const struct guest_key *k) {
  return &t->shards[(k->name_hash >> 16) % VR_SHARDS];
}

static struct vr_live_guest *find(struct vr_shard *shard,
                                  const struct guest_key *k) {
  struct vr_live_guest *g = NULL;
  HASH_FIND_BYHASHVALUE(hh, shard->guests, k->text, k->length, k->hash, g);
  return g;
}

/* --- a new guest --- */

static void forget_guest(struct vr_guest_table *t, struct vr_shard *shard,
                         struct vr_live_guest *g) {
  /* Whoever still works on it got its lock before this shard's. */
  pthread_mutex_lock(&g->lock);
  take_out(shard, g);
  pthread_mutex_unlock(&g->lock);
  vr_live_guest_end_alarms(g, t->context);
  vr_live_guest_free(g, t->context);
  atomic_fetch_sub(&t->n_guests, 1);
}

/* Forgets the newcomer to HOST (NULL: to any) that is to give way. */
static bool make_room(struct vr_guest_table *t, const char *host) {
  struct guest_key k;
  char key[KEY_SIZE];
  if (vr_live_hosts_who_gives_way(t->context->hosts, host, key, sizeof(key)) ==
          0 ||
      !make_key(key, key + strlen(key) + 1, &k))
    return false;
  struct vr_shard *shard = shard_of(t, &k);
  pthread_rwlock_wrlock(&shard->lock);
  struct vr_live_guest *g = find(shard, &k);
  bool gone = !g; /* another thread was faster */
  if (g) {
    pthread_mutex_lock(&g->lock);
    gone = !g->has_published;
    pthread_mutex_unlock(&g->lock);
  }
  if (g && gone)
    forget_guest(t, shard, g);
  pthread_rwlock_unlock(&shard->lock);
  return gone;
}

/* Room for one more guest of HOST. */
static bool has_room(struct vr_guest_table *t, const char *host) {
  size_t max = t->context->options.max_guests;
  size_t max_here = t->context->options.max_guests_per_host;
  if (vr_live_hosts_guests(t->context->hosts, host) >= max_here) {
    vr_log_complain(&t->too_many_on_host, LOG_WARNING,
                    "host %s: %zu guests are known, which is the limit: guests "
                    "without a published value give way to further ones; "
                    "raise MaxGuestsPerHost if it has more, else find out who "
                    "sends values in its name. Other hosts are not logged",
                    host, max_here);
    if (!make_room(t, host))
      return false;
  }
  if (atomic_load(&t->n_guests) < max)
    return true;
  vr_log_complain(&t->too_many, LOG_WARNING,
                  "%zu guests are known, which is the limit: guests without a "
                  "published value give way to further ones, and others are "
                  "ignored; raise MaxGuests to have them all",
                  max);
  return make_room(t, NULL);
}

static int add_guest(struct vr_guest_table *t, struct vr_shard *shard,
                     const struct guest_key *k, struct vr_catalog *catalog) {
  if (!has_room(t, k->text))
    return -ENOSPC;
  struct vr_live_guest *g =
      vr_live_guest_new(k->text, k->length, t->context, catalog);
  if (!g)
    return -ENOMEM;
  pthread_rwlock_wrlock(&shard->lock);
  bool known = find(shard, k) != NULL; /* another thread was faster */
  int r = known ? 0 : vr_live_duplicates_add(&shard->duplicates, g);
  if (!known && r == 0) {
    g->saved = vr_live_waiting_take(&t->waiting, k->text, k->length);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, shard->guests, g->key, g->key_length,
                                k->hash, g);
  }
  bool was_known = !known && r == 0 && g->saved;
  if (was_known) {
    g->has_published = true;
    vr_live_hosts_settle(t->context->hosts, g->on, &g->newcomer);
  }
  pthread_rwlock_unlock(&shard->lock);
  if (known || r < 0)
    vr_live_guest_free(g, t->context);
  else
    atomic_fetch_add(&t->n_guests, 1);
  return r;
}

/* --- finding and locking --- */

/* Without a HOST it is the guest on the owning host, else one that is its own
 * host. Whoever removes a guest holds the shard's lock for writing, so that
 * no thread waits for the lock of a guest that is about to go. */
static struct vr_live_guest *lock_in(struct vr_shard *shard, const char *host,
                                     const char *name,
                                     const struct guest_key *k) {
  pthread_rwlock_rdlock(&shard->lock);
  struct vr_live_guest *g =
      host ? NULL : vr_live_duplicates_owner(shard->duplicates, name);
  if (!g)
    g = find(shard, k);
  if (g)
    pthread_mutex_lock(&g->lock);
  pthread_rwlock_unlock(&shard->lock);
  return g;
}

int vr_live_table_lock(struct vr_guest_table *t, const char *host,
                       const char *name, struct vr_catalog *catalog,
                       struct vr_live_guest **ret_guest) {
  struct guest_key k;
  if (!make_key(host ? host : name, name, &k))
    return -EINVAL;
  struct vr_shard *shard = shard_of(t, &k);
  struct vr_live_guest *g;
  while (!(g = lock_in(shard, host, name, &k))) {
    int r = add_guest(t, shard, &k, catalog);
    if (r < 0)
      return r;
  }
  *ret_guest = g;
  return 0;
}

struct vr_live_guest *vr_live_table_lock_known(struct vr_guest_table *t,
                                               const char *host,
                                               const char *name) {
  struct guest_key k;
  if (!make_key(host ? host : name, name, &k))
    return NULL;
  return lock_in(shard_of(t, &k), host, name, &k);
}

/* --- all of them --- */

/* The keys of all guests of SHARD, one after the other: each is two texts. */
static int copy_keys(struct vr_shard *shard, char **ret, char **ret_end) {
  size_t size = 1;
  pthread_rwlock_rdlock(&shard->lock);
  for (struct vr_live_guest *g = shard->guests; g; g = g->hh.next)
    size += g->key_length;
  char *keys = malloc(size), *at = keys;
  for (struct vr_live_guest *g = shard->guests; keys && g; g = g->hh.next) {
    memcpy(at, g->key, g->key_length);
    at += g->key_length;
  }
  pthread_rwlock_unlock(&shard->lock);
  *ret = keys;
  *ret_end = at;
  return keys ? 0 : -ENOMEM;
}

/* FN may take its time: there may be very many guests in one shard, since one
 * name is, and whoever feeds them would wait. */
int vr_live_shard_each(struct vr_shard *shard,
                       int (*fn)(void *user, struct vr_live_guest *g),
                       void *user) {
  vr_auto_free char *keys = NULL;
  char *end;
  int r = copy_keys(shard, &keys, &end);
  for (char *host = keys; r == 0 && host < end;) {
    char *name = host + strlen(host) + 1;
    struct guest_key k;
    struct vr_live_guest *g =
        make_key(host, name, &k) ? lock_in(shard, host, name, &k) : NULL;
    if (g) {
      r = fn(user, g);
      pthread_mutex_unlock(&g->lock);
    }
    host = name + strlen(name) + 1;
  }
  return r;
}

static void sweep_shard(struct vr_guest_table *t, struct vr_shard *shard) {
  struct vr_live_guest *g, *next;
  pthread_rwlock_wrlock(&shard->lock);
  HASH_ITER(hh, shard->guests, g, next) {
    if (atomic_fetch_add(&g->silent_sweeps, 1) >=
        t->context->options.forget_after)
      forget_guest(t, shard, g);
  }
  vr_live_migration_settle(shard->duplicates, t->context);
  pthread_rwlock_unlock(&shard->lock);
}

/* So many guests have taken memory that the system should have back. */
enum { MANY = 1000 };

size_t vr_live_table_sweep(struct vr_guest_table *t) {
  size_t before = atomic_load(&t->n_guests);
  for (int i = 0; i < VR_SHARDS; i++)
    sweep_shard(t, &t->shards[i]);
  size_t n = atomic_load(&t->n_guests);
#ifdef __GLIBC__
  if (n + MANY < before)
    malloc_trim(0);
#endif
  if (n < t->context->options.max_guests)
    vr_log_relieved(&t->too_many, "there is room for new guests again");
  return n;
}
