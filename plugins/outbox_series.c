/* SPDX-License-Identifier: MIT */
#include "outbox_series.h"

#include "collectd/core/utils/common/common.h"
#include "collectd/core/utils/metadata/meta_data.h"

#include <uthash.h>
#include <utlist.h>

/* Values that wait: of one series, and of all. */
enum { MAX_OF_SERIES = 1000, MAX_OF_ALL = 200000 };

/* A value that has not arrived after so long never will: a rule of the user's
 * has stopped it or given it another name, or collectd has dropped it because
 * its queue was full. The short limit counts where values that were sent
 * later have arrived, for the queue keeps its order. */
#define LOST_BEHIND TIME_T_TO_CDTIME_T(10)
#define LOST TIME_T_TO_CDTIME_T(300)

/* A series of which nothing was sent for so long is forgotten. Most end with
 * collectd's cache entry; those that a rule stops or renames have none. */
#define IDLE_FOR TIME_T_TO_CDTIME_T(3600)

/* A thread that has put a value into the cache, and has had nothing else to do
 * since then, has written it by now: after this time, and so many times what a
 * thread waits for a processor here just now. This is a guess, for series of
 * which nobody says that they are written. */
#define WRITTEN TIME_T_TO_CDTIME_T(1) / 4
enum { WRITTEN_DELAYS = 20 };

struct vr_outbox_pending {
  struct vr_outbox_pending *next;
  value_list_t list;
  value_t values[];
};

struct vr_outbox_shard vr_outbox_shards[VR_OUTBOX_SHARDS];
atomic_uint_fast64_t vr_outbox_arrived;
atomic_bool vr_outbox_notes_writes;
atomic_bool vr_outbox_renamed;
atomic_uint_fast64_t vr_outbox_delay;
struct vr_outbox_backlog vr_outbox_backlog = {.lock = PTHREAD_MUTEX_INITIALIZER,
                                              .more = PTHREAD_COND_INITIALIZER};
static atomic_uint_fast64_t sent; /* values */

cdtime_t vr_outbox_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return TIMESPEC_TO_CDTIME_T(&t);
}

/* --- what waits --- */

static void one_more(void) {
  struct vr_outbox_backlog *b = &vr_outbox_backlog;
  pthread_mutex_lock(&b->lock);
  if (b->n++ == 0)
    pthread_cond_signal(&b->more);
  pthread_mutex_unlock(&b->lock);
}

static void one_less(void) {
  struct vr_outbox_backlog *b = &vr_outbox_backlog;
  pthread_mutex_lock(&b->lock);
  b->n--;
  pthread_mutex_unlock(&b->lock);
}

static bool is_full(const struct vr_outbox_series *a) {
  struct vr_outbox_backlog *b = &vr_outbox_backlog;
  pthread_mutex_lock(&b->lock);
  bool full = a->n_pending >= MAX_OF_SERIES || b->n >= MAX_OF_ALL;
  pthread_mutex_unlock(&b->lock);
  return full;
}

static void drop_oldest(struct vr_outbox_shard *s, struct vr_outbox_series *a) {
  struct vr_outbox_pending *p = a->pending;
  LL_DELETE(a->pending, p);
  meta_data_destroy(p->list.meta);
  free(p);
  if (--a->n_pending == 0)
    DL_DELETE(s->waiting, a);
  one_less();
}

static struct vr_outbox_pending *copy_of(const value_list_t *vl) {
  struct vr_outbox_pending *p =
      malloc(sizeof(*p) + vl->values_len * sizeof(value_t));
  if (!p)
    return NULL;
  p->list = *vl;
  memcpy(p->values, vl->values, vl->values_len * sizeof(value_t));
  p->list.values = p->values;
  p->list.meta = meta_data_clone(vl->meta);
  return p;
}

unsigned vr_outbox_keep(struct vr_outbox_shard *s, struct vr_outbox_series *a,
                        const value_list_t *vl) {
  bool full = is_full(a);
  if (full && a->n_pending == 0) /* others hold all there is */
    return 1;
  if (full)
    drop_oldest(s, a);
  struct vr_outbox_pending *p = copy_of(vl);
  if (!p)
    return full + 1;
  LL_APPEND(a->pending, p);
  if (a->n_pending++ == 0)
    DL_APPEND(s->waiting, a);
  one_more();
  return full;
}

/* --- sending --- */

/* How long a value is at most taken to be with the writers. A rule may keep all
 * of a series from our write callback. */
static cdtime_t longest_write(const struct vr_outbox_series *a) {
  if (a->write_noted)
    return LOST;
  if (atomic_load(&vr_outbox_notes_writes) && !a->write_guessed)
    return LOST_BEHIND;
  return WRITTEN + WRITTEN_DELAYS * atomic_load(&vr_outbox_delay);
}

static bool is_written(struct vr_outbox_series *a) {
  if (a->writer && atomic_load(&a->writer->turns) != a->turn)
    return true;
  if (vr_outbox_now() - a->since <= longest_write(a))
    return false;
  a->write_guessed = true;
  return true;
}

static bool is_lost(const struct vr_outbox_series *a) {
  bool behind = atomic_load(&vr_outbox_arrived) > a->number ||
                atomic_load(&vr_outbox_renamed);
  return a->lost || vr_outbox_now() - a->since > (behind ? LOST_BEHIND : LOST);
}

bool vr_outbox_may_send(struct vr_outbox_series *a) {
  if (a->state == VR_OUTBOX_CACHED && is_written(a))
    a->state = VR_OUTBOX_IDLE;
  else if (a->state == VR_OUTBOX_QUEUED)
    a->lost = is_lost(a);
  return a->state == VR_OUTBOX_IDLE || a->lost;
}

void vr_outbox_dispatch(struct vr_outbox_series *a, const value_list_t *vl) {
  a->time = vl->time;
  a->since = vr_outbox_now();
  a->number = atomic_fetch_add(&sent, 1);
  a->state = VR_OUTBOX_QUEUED;
  plugin_dispatch_values(vl);
}

/* One: the next one waits for it, or, where it is not heard of again, for the
 * next look. */
void vr_outbox_send_next(struct vr_outbox_shard *s,
                         struct vr_outbox_series *a) {
  if (a->n_pending == 0 || !vr_outbox_may_send(a))
    return;
  vr_outbox_dispatch(a, &a->pending->list);
  drop_oldest(s, a);
}

/* --- the table --- */

static unsigned hash_of(const char *name, size_t length) {
  unsigned hash;
  HASH_VALUE(name, length, hash);
  return hash;
}

/* The shard's own table is indexed by the low bits. */
static struct vr_outbox_shard *shard_of(unsigned hash) {
  return &vr_outbox_shards[(hash >> 16) % VR_OUTBOX_SHARDS];
}

struct vr_outbox_series *vr_outbox_lock(const char *name,
                                        struct vr_outbox_shard **ret_shard) {
  struct vr_outbox_series *a = NULL;
  size_t length = strlen(name);
  unsigned hash = hash_of(name, length);
  struct vr_outbox_shard *s = *ret_shard = shard_of(hash);
  pthread_mutex_lock(&s->lock);
  HASH_FIND_BYHASHVALUE(hh, s->series, name, length, hash, a);
  return a;
}

struct vr_outbox_series *vr_outbox_add(struct vr_outbox_shard *s,
                                       const char *name) {
  size_t length = strlen(name);
  unsigned hash = hash_of(name, length);
  struct vr_outbox_series *a = calloc(1, sizeof(*a) + length + 1);
  if (!a)
    return NULL;
  memcpy(a->name, name, length + 1);
  HASH_ADD_KEYPTR_BYHASHVALUE(hh, s->series, a->name, length, hash, a);
  return a;
}

void vr_outbox_forget(struct vr_outbox_shard *s, struct vr_outbox_series *a) {
  if (a->n_pending > 0 || !vr_outbox_may_send(a))
    return;
  HASH_DEL(s->series, a);
  free(a);
}

static void forget_idle(struct vr_outbox_shard *s) {
  struct vr_outbox_series *a, *next;
  pthread_mutex_lock(&s->lock);
  HASH_ITER(hh, s->series, a, next) {
    if (vr_outbox_now() - a->since >= IDLE_FOR)
      vr_outbox_forget(s, a);
  }
  pthread_mutex_unlock(&s->lock);
}

void vr_outbox_forget_idle(void) {
  for (int i = 0; i < VR_OUTBOX_SHARDS; i++)
    forget_idle(&vr_outbox_shards[i]);
}

void vr_outbox_clear(struct vr_outbox_shard *s) {
  struct vr_outbox_series *a, *next;
  HASH_ITER(hh, s->series, a, next) {
    while (a->n_pending > 0)
      drop_oldest(s, a);
    HASH_DEL(s->series, a);
    free(a);
  }
}
