/* SPDX-License-Identifier: MIT */
#include "live/hosts.h"

#include "basic/lock.h"
#include "signal/series.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
  /* Samples that a series keeps besides those of one tick and of lateness. */
  SPARE_SAMPLES = 8,
  /* A signal has stopped after so many intervals and the allowed lateness. */
  STOPPED_INTERVALS = 3,
  /* A sample that is older than the newest by so many is from another time: a
   * clock was set, if it is not the only one. */
  STALE_INTERVALS = 30,
  STALE_SAMPLES = 2,
};

struct host_series {
  char *signal;
  struct vr_series series;
  unsigned stale; /* samples in a row from another time */
  UT_hash_handle hh;
};

struct vr_live_host {
  char *name;
  size_t guests;                 /* that have entered; under the table's lock */
  struct vr_newcomers newcomers; /* the same */
  const unsigned *allowed_lateness;
  pthread_mutex_t lock;
  struct host_series *series;
  atomic_uint changes;
  UT_hash_handle hh;
};

struct vr_live_hosts {
  pthread_rwlock_t lock; /* of the table; taken before a host's */
  struct vr_live_host *table;
  struct vr_newcomers newcomers; /* to any host */
  unsigned allowed_lateness;
};

struct vr_live_hosts *vr_live_hosts_new(unsigned allowed_lateness) {
  struct vr_live_hosts *hosts = calloc(1, sizeof(*hosts));
  if (!hosts)
    return NULL;
  vr_lock_init(&hosts->lock);
  hosts->allowed_lateness = allowed_lateness;
  return hosts;
}

static void host_free(struct vr_live_host *h) {
  struct host_series *s, *next;
  HASH_ITER(hh, h->series, s, next) {
    HASH_DEL(h->series, s);
    vr_series_clear(&s->series);
    free(s->signal);
    free(s);
  }
  pthread_mutex_destroy(&h->lock);
  free(h->name);
  free(h);
}

void vr_live_hosts_free(struct vr_live_hosts *hosts) {
  if (!hosts)
    return;
  struct vr_live_host *h, *next;
  HASH_ITER(hh, hosts->table, h, next) {
    HASH_DEL(hosts->table, h);
    host_free(h);
  }
  pthread_rwlock_destroy(&hosts->lock);
  free(hosts);
}

/* --- who is there --- */

static struct vr_live_host *host_new(const struct vr_live_hosts *hosts,
                                     const char *name) {
  struct vr_live_host *h = calloc(1, sizeof(*h));
  char *copy = strdup(name);
  if (!h || !copy) {
    free(h);
    free(copy);
    return NULL;
  }
  h->name = copy;
  h->allowed_lateness = &hosts->allowed_lateness;
  pthread_mutex_init(&h->lock, NULL);
  return h;
}

struct vr_live_host *vr_live_hosts_enter(struct vr_live_hosts *hosts,
                                         const char *name,
                                         struct vr_newcomer *newcomer) {
  struct vr_live_host *h = NULL;
  pthread_rwlock_wrlock(&hosts->lock);
  HASH_FIND_STR(hosts->table, name, h);
  if (!h && (h = host_new(hosts, name)))
    HASH_ADD_KEYPTR(hh, hosts->table, h->name, strlen(h->name), h);
  if (h) {
    h->guests++;
    vr_live_newcomers_add(&hosts->newcomers, VR_NEWCOMERS_ALL, newcomer);
    vr_live_newcomers_add(&h->newcomers, VR_NEWCOMERS_OF_HOST, newcomer);
  }
  pthread_rwlock_unlock(&hosts->lock);
  return h;
}

static void settle(struct vr_live_hosts *hosts, struct vr_live_host *host,
                   struct vr_newcomer *newcomer) {
  vr_live_newcomers_remove(&hosts->newcomers, VR_NEWCOMERS_ALL, newcomer);
  vr_live_newcomers_remove(&host->newcomers, VR_NEWCOMERS_OF_HOST, newcomer);
}

void vr_live_hosts_settle(struct vr_live_hosts *hosts,
                          struct vr_live_host *host,
                          struct vr_newcomer *newcomer) {
  pthread_rwlock_wrlock(&hosts->lock);
  settle(hosts, host, newcomer);
  pthread_rwlock_unlock(&hosts->lock);
}

size_t vr_live_hosts_guests(struct vr_live_hosts *hosts, const char *name) {
  struct vr_live_host *h = NULL;
  pthread_rwlock_rdlock(&hosts->lock);
  HASH_FIND_STR(hosts->table, name, h);
  size_t n = h ? h->guests : 0;
  pthread_rwlock_unlock(&hosts->lock);
  return n;
}

size_t vr_live_hosts_who_gives_way(struct vr_live_hosts *hosts,
                                   const char *name, char *ret_key,
                                   size_t size) {
  struct vr_live_host *h = NULL;
  struct vr_newcomer *n = NULL;
  pthread_rwlock_wrlock(&hosts->lock);
  if (!name)
    n = vr_live_newcomers_first(&hosts->newcomers, VR_NEWCOMERS_ALL);
  else
    HASH_FIND_STR(hosts->table, name, h);
  if (h)
    n = vr_live_newcomers_first(&h->newcomers, VR_NEWCOMERS_OF_HOST);
  size_t length = n && n->key_length <= size ? n->key_length : 0;
  if (length > 0)
    memcpy(ret_key, n->key, length);
  pthread_rwlock_unlock(&hosts->lock);
  return length;
}

void vr_live_hosts_leave(struct vr_live_hosts *hosts, struct vr_live_host *host,
                         struct vr_newcomer *newcomer) {
  if (!host)
    return;
  pthread_rwlock_wrlock(&hosts->lock);
  settle(hosts, host, newcomer);
  bool last = --host->guests == 0;
  if (last)
    HASH_DEL(hosts->table, host);
  pthread_rwlock_unlock(&hosts->lock);
  if (last)
    host_free(host);
}

/* --- its signals --- */

static struct host_series *find_series(const struct vr_live_host *h,
                                       const char *signal) {
  struct host_series *s = NULL;
  HASH_FIND_STR(h->series, signal, s);
  return s;
}

static struct host_series *add_series(struct vr_live_host *h,
                                      const char *signal,
                                      const struct vr_signal_form *form) {
  struct host_series *s = calloc(1, sizeof(*s));
  char *copy = strdup(signal);
  if (!s || !copy ||
      vr_series_init(&s->series, form, *h->allowed_lateness + SPARE_SAMPLES) <
          0) {
    free(s);
    free(copy);
    return NULL;
  }
  s->signal = copy;
  HASH_ADD_KEYPTR(hh, h->series, s->signal, strlen(s->signal), s);
  return s;
}

/* From when on the signal has stopped. */
static vr_time end_of(const struct vr_live_host *h,
                      const struct host_series *s) {
  return vr_series_newest(&s->series) +
         s->series.form.interval *
             (STOPPED_INTERVALS + (vr_time)*h->allowed_lateness);
}

/* Is the sample from another time than the series? Then it is dropped, until it
 * must be the time that has changed. */
static bool from_another_time(const struct vr_live_host *h,
                              struct host_series *s,
                              const struct vr_sample *sample) {
  vr_time limit = (STALE_INTERVALS + (vr_time)*h->allowed_lateness) *
                  s->series.form.interval;
  if (s->series.n == 0)
    return false;
  if (sample->time > vr_series_newest(&s->series)) {
    s->stale = 0;
    return false;
  }
  if (sample->time >= vr_series_newest(&s->series) - limit &&
      !vr_series_contradicts(&s->series, sample))
    return false;
  if (++s->stale < STALE_SAMPLES)
    return true;
  s->stale = 0;
  vr_series_empty(&s->series);
  return false;
}

static int add_sample(struct vr_live_host *h, const char *signal,
                      const struct vr_signal_form *form,
                      const struct vr_sample *sample) {
  struct host_series *s = find_series(h, signal);
  bool changed = !s;
  if (!s && !(s = add_series(h, signal, form)))
    return -ENOMEM;
  if (s->series.form.kind != form->kind ||
      s->series.form.interval != form->interval) {
    vr_series_empty(&s->series);
    s->series.form = *form;
    changed = true;
  }
  if (from_another_time(h, s, sample))
    return 0;
  changed = changed || (s->series.n > 0 && sample->time > end_of(h, s));
  vr_series_add(&s->series, sample);
  if (changed)
    atomic_fetch_add(&h->changes, 1);
  return 0;
}

int vr_live_hosts_add(struct vr_live_hosts *hosts, const char *host,
                      const char *signal, enum vr_kind kind, vr_time interval,
                      const struct vr_sample *sample) {
  const struct vr_signal_form form = {.kind = kind, .interval = interval};
  struct vr_live_host *h = NULL;
  int r = 0;
  pthread_rwlock_rdlock(&hosts->lock);
  HASH_FIND_STR(hosts->table, host, h);
  if (h) {
    pthread_mutex_lock(&h->lock);
    r = add_sample(h, signal, &form, sample);
    pthread_mutex_unlock(&h->lock);
  }
  pthread_rwlock_unlock(&hosts->lock);
  return r;
}

/* --- for guests that have entered --- */

unsigned vr_live_host_changes(const struct vr_live_host *host) {
  return atomic_load_explicit(&host->changes, memory_order_relaxed);
}

vr_time vr_live_host_interval(struct vr_live_host *host, const char *signal,
                              vr_time now) {
  pthread_mutex_lock(&host->lock);
  const struct host_series *s = find_series(host, signal);
  bool there = s && s->series.n > 0 && end_of(host, s) >= now;
  vr_time interval = there ? s->series.form.interval : 0;
  pthread_mutex_unlock(&host->lock);
  return interval;
}

int vr_live_host_reserve(struct vr_live_host *host, const char *signal,
                         vr_time step) {
  int r = 0;
  pthread_mutex_lock(&host->lock);
  struct host_series *s = find_series(host, signal);
  if (s) {
    vr_time per_tick = step / s->series.form.interval + 1;
    r = vr_series_reserve(&s->series, (unsigned)per_tick +
                                          *host->allowed_lateness +
                                          SPARE_SAMPLES);
  }
  pthread_mutex_unlock(&host->lock);
  return r;
}

double vr_live_host_mean(struct vr_live_host *host, const char *signal,
                         vr_time begin, vr_time end, bool *ret_covered) {
  pthread_mutex_lock(&host->lock);
  const struct host_series *s = find_series(host, signal);
  double mean = s ? vr_series_mean(&s->series, begin, end) : NAN;
  *ret_covered = s && vr_series_covers(&s->series, begin, end);
  pthread_mutex_unlock(&host->lock);
  return mean;
}
