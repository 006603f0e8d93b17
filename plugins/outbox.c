/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include "collectd/core/utils/common/common.h"
#include "collectd/core/utils/metadata/meta_data.h"

#include "basic/log.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <uthash.h>
#include <utlist.h>

enum {
  SHARDS = 16, /* each with its lock */
  /* Values that wait: of one series, and of all. */
  MAX_OF_SERIES = 1000,
  MAX_BETWEEN = 20, /* where one that may be left out comes */
  MAX_OF_ALL = 200000,
  NAME_SIZE = 6 * DATA_MAX_NAME_LEN,
};

/* How often what waits is looked at. Mostly a write thread calls for it. */
#define POLL TIME_T_TO_CDTIME_T(1) / 50

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
 * thread waits for a processor here just now. */
#define WRITTEN TIME_T_TO_CDTIME_T(1) / 4
enum { WRITTEN_DELAYS = 20 };

/* A value list that waits. */
struct pending_value {
  struct pending_value *next;
  value_list_t list;
  value_t values[];
};

/* A write thread of collectd, and how many values it has begun with. */
struct writer {
  atomic_uint_fast64_t turns;
};

enum state {
  IDLE, /* written, or never sent */
  QUEUED,
  CACHED, /* and being written */
};

/* One series, and the value of it that was sent last. */
struct sent_series {
  UT_hash_handle hh;
  struct sent_series *prev, *next; /* of its shard that have values waiting */
  struct pending_value *pending;   /* the oldest first */
  unsigned n_pending;
  enum state state;
  cdtime_t time, since;        /* of the value, and of its state */
  uint64_t number;             /* so many of all series were sent before it */
  bool lost;                   /* neither it nor those after it are awaited */
  const struct writer *writer; /* CACHED: the thread, and its turn */
  uint64_t turn;
  char name[];
};

struct shard {
  pthread_mutex_t lock;
  struct sent_series *series, *waiting;
};

static struct shard shards[SHARDS];
static atomic_uint_fast64_t sent, arrived; /* numbers of values */
static atomic_uint_fast64_t delay;         /* of our thread, beyond POLL */
static atomic_bool renamed; /* values of ours come in under other names */

static pthread_t sender;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static size_t n_waiting; /* values, of all shards; under LOCK, as is STOP */
static bool running, stop;
static _Atomic uint64_t n_dropped;

/* Clocks that are set do not make a value lost. */
static cdtime_t monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return TIMESPEC_TO_CDTIME_T(&t);
}

/* --- what waits --- */

static void one_more(void) {
  pthread_mutex_lock(&lock);
  if (n_waiting++ == 0)
    pthread_cond_signal(&wake);
  pthread_mutex_unlock(&lock);
}

static void one_less(void) {
  pthread_mutex_lock(&lock);
  n_waiting--;
  pthread_mutex_unlock(&lock);
}

static bool is_full(const struct sent_series *a) {
  pthread_mutex_lock(&lock);
  bool full = a->n_pending >= MAX_OF_SERIES || n_waiting >= MAX_OF_ALL;
  pthread_mutex_unlock(&lock);
  return full;
}

static void drop_oldest(struct shard *s, struct sent_series *a) {
  struct pending_value *p = a->pending;
  LL_DELETE(a->pending, p);
  meta_data_destroy(p->list.meta);
  free(p);
  if (--a->n_pending == 0)
    DL_DELETE(s->waiting, a);
  one_less();
}

uint64_t vr_outbox_dropped(void) { return n_dropped; }

static void keep_back(struct shard *s, struct sent_series *a,
                      const value_list_t *vl) {
  static struct vr_complaint full;
  if (is_full(a)) {
    vr_log_complain(&full, LOG_WARNING,
                    "%u values of %s wait for collectd's write queue; the "
                    "oldest are dropped: a write plugin or a rule is slow, or "
                    "the processors are busy. Other series are not logged",
                    a->n_pending, a->name);
    n_dropped++;
    if (a->n_pending == 0)
      return;
    drop_oldest(s, a);
  }
  struct pending_value *p =
      malloc(sizeof(*p) + vl->values_len * sizeof(value_t));
  if (!p)
    return;
  p->list = *vl;
  memcpy(p->values, vl->values, vl->values_len * sizeof(value_t));
  p->list.values = p->values;
  p->list.meta = meta_data_clone(vl->meta);
  LL_APPEND(a->pending, p);
  if (a->n_pending++ == 0)
    DL_APPEND(s->waiting, a);
  one_more();
}

/* --- sending --- */

static bool is_written(const struct sent_series *a) {
  return (a->writer && atomic_load(&a->writer->turns) != a->turn) ||
         monotonic() - a->since >
             WRITTEN + WRITTEN_DELAYS * atomic_load(&delay);
}

static bool is_lost(const struct sent_series *a) {
  bool behind = atomic_load(&arrived) > a->number || atomic_load(&renamed);
  return a->lost || monotonic() - a->since > (behind ? LOST_BEHIND : LOST);
}

static bool may_be_sent(struct sent_series *a) {
  if (a->state == CACHED && is_written(a))
    a->state = IDLE;
  else if (a->state == QUEUED)
    a->lost = is_lost(a);
  return a->state == IDLE || a->lost;
}

static void dispatch(struct sent_series *a, const value_list_t *vl) {
  a->time = vl->time;
  a->since = monotonic();
  a->number = atomic_fetch_add(&sent, 1);
  a->state = QUEUED;
  plugin_dispatch_values(vl);
}

static struct shard *shard_of(const char *name, size_t length) {
  unsigned hash;
  HASH_JEN(name, length, hash);
  return &shards[hash % SHARDS];
}

/* The series NAME with its shard locked; NULL where it is not known. */
static struct sent_series *lock_series(const char *name,
                                       struct shard **ret_shard) {
  struct sent_series *a = NULL;
  size_t length = strlen(name);
  struct shard *s = *ret_shard = shard_of(name, length);
  pthread_mutex_lock(&s->lock);
  HASH_FIND(hh, s->series, name, length, a);
  return a;
}

static struct sent_series *add_series(struct shard *s, const char *name) {
  size_t length = strlen(name);
  struct sent_series *a = calloc(1, sizeof(*a) + length + 1);
  if (!a)
    return NULL;
  memcpy(a->name, name, length + 1);
  HASH_ADD_KEYPTR(hh, s->series, a->name, length, a);
  return a;
}

static void send_unless(const value_list_t *vl, unsigned most) {
  char name[NAME_SIZE];
  if (FORMAT_VL(name, sizeof(name), vl) != 0)
    return;
  struct shard *s;
  struct sent_series *a = lock_series(name, &s);
  if (!a)
    a = add_series(s, name);
  if (a && a->n_pending >= most)
    ; /* it is left out */
  else if (a && (a->n_pending > 0 || !may_be_sent(a)))
    keep_back(s, a, vl);
  else if (a)
    dispatch(a, vl);
  else
    plugin_dispatch_values(vl);
  pthread_mutex_unlock(&s->lock);
}

void vr_outbox_send(const value_list_t *vl) { send_unless(vl, UINT_MAX); }

void vr_outbox_send_between(const value_list_t *vl) {
  send_unless(vl, MAX_BETWEEN);
}

/* One: the next one waits for it, or, where it is not heard of again, for the
 * next look. */
static void send_next(struct shard *s, struct sent_series *a) {
  if (a->n_pending == 0 || !may_be_sent(a))
    return;
  dispatch(a, &a->pending->list);
  drop_oldest(s, a);
}

static void send_waiting(struct shard *s) {
  struct sent_series *a, *next;
  pthread_mutex_lock(&s->lock);
  DL_FOREACH_SAFE(s->waiting, a, next) { send_next(s, a); }
  pthread_mutex_unlock(&s->lock);
}

static void sleep_a_moment(void) {
  struct timespec pause = CDTIME_T_TO_TIMESPEC(POLL);
  cdtime_t begin = monotonic();
  nanosleep(&pause, NULL);
  cdtime_t slept = monotonic() - begin;
  cdtime_t beyond = slept > POLL ? slept - POLL : 0;
  atomic_store(&delay, beyond < LOST_BEHIND ? beyond : 0);
}

static void *deliver(void *unused) {
  pthread_mutex_lock(&lock);
  while (!stop) {
    if (n_waiting == 0) {
      pthread_cond_wait(&wake, &lock);
      continue;
    }
    pthread_mutex_unlock(&lock);
    sleep_a_moment();
    for (int i = 0; i < SHARDS; i++)
      send_waiting(&shards[i]);
    pthread_mutex_lock(&lock);
  }
  pthread_mutex_unlock(&lock);
  return unused;
}

/* --- forgetting --- */

static void forget_idle(struct shard *s) {
  struct sent_series *a, *next;
  pthread_mutex_lock(&s->lock);
  HASH_ITER(hh, s->series, a, next) {
    if (a->n_pending > 0 || monotonic() - a->since < IDLE_FOR ||
        !may_be_sent(a))
      continue;
    HASH_DEL(s->series, a);
    free(a);
  }
  pthread_mutex_unlock(&s->lock);
}

void vr_outbox_forget_idle(void) {
  for (int i = 0; i < SHARDS; i++)
    forget_idle(&shards[i]);
}

/* --- arriving --- */

/* Those of the threads that there are; more do without. */
static struct writer writers[64];
static atomic_size_t n_writers;
static __thread struct writer *writer;
/* The series of the value that this thread is writing, if others wait. */
static __thread char writing[NAME_SIZE];

static void find_writer(void) {
  size_t i = atomic_load(&n_writers);
  if (!writer && i < STATIC_ARRAY_SIZE(writers)) {
    i = atomic_fetch_add(&n_writers, 1);
    writer = i < STATIC_ARRAY_SIZE(writers) ? &writers[i] : NULL;
  }
}

void vr_outbox_note_turn(void) {
  struct shard *s;
  if (!writer)
    return;
  atomic_fetch_add(&writer->turns, 1);
  if (!*writing)
    return;
  struct sent_series *a = lock_series(writing, &s);
  if (a)
    send_next(s, a);
  pthread_mutex_unlock(&s->lock);
  *writing = '\0';
}

/* The cache has the value VL of a series. Is it one of ours? */
static bool note_cached(const value_list_t *vl, const char *name) {
  struct shard *s;
  struct sent_series *a = lock_series(name, &s);
  find_writer();
  if (a && vl->time >= a->time) {
    a->state = CACHED;
    a->since = monotonic();
    a->lost = false;
    a->writer = writer;
    a->turn = writer ? atomic_load(&writer->turns) : 0;
    if (a->number > atomic_load(&arrived))
      atomic_store(&arrived, a->number);
    if (a->n_pending > 0)
      sstrncpy(writing, name, sizeof(writing));
  }
  pthread_mutex_unlock(&s->lock);
  return a != NULL;
}

/* Nothing has come of the series for a while, and collectd has forgotten it. */
static void forget(const char *name) {
  struct shard *s;
  struct sent_series *a = lock_series(name, &s);
  if (a && a->n_pending == 0 && may_be_sent(a)) {
    HASH_DEL(s->series, a);
    free(a);
  }
  pthread_mutex_unlock(&s->lock);
}

/* From another collectd, by the network plugin? */
static bool is_received(const value_list_t *vl) {
  return vl->meta && meta_data_exists(vl->meta, "network:received") > 0;
}

/* Of each series that is new collectd asks whether more is to be said of it. */
static int on_cache_event(cache_event_t *event, user_data_t *unused) {
  (void)unused;
  const value_list_t *vl = event->value_list;
  if (event->type == CE_VALUE_EXPIRED) {
    forget(event->value_list_name);
    return 0;
  }
  bool ours = note_cached(vl, event->value_list_name);
  if (!ours && strcmp(vl->plugin, VR_PLUGIN_INFERRED) == 0 && !is_received(vl))
    atomic_store(&renamed, true);
  event->ret = ours;
  return 0;
}

/* --- life --- */

int vr_outbox_begin(void) {
  for (int i = 0; i < SHARDS; i++)
    pthread_mutex_init(&shards[i].lock, NULL);
  stop = false;
  if (plugin_register_cache_event(VR_PLUGIN_TARGET, on_cache_event, NULL) != 0)
    return -ENOMEM;
  int r = plugin_thread_create(&sender, deliver, NULL, "vmrecon send");
  running = r == 0;
  return -r;
}

static void clear(struct shard *s) {
  struct sent_series *a, *next;
  HASH_ITER(hh, s->series, a, next) {
    while (a->n_pending > 0)
      drop_oldest(s, a);
    HASH_DEL(s->series, a);
    free(a);
  }
  pthread_mutex_destroy(&s->lock);
}

void vr_outbox_end(void) {
  if (!running)
    return;
  pthread_mutex_lock(&lock);
  stop = true;
  pthread_cond_signal(&wake);
  pthread_mutex_unlock(&lock);
  pthread_join(sender, NULL);
  running = false;
  for (int i = 0; i < SHARDS; i++)
    clear(&shards[i]);
}
