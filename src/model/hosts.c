/* SPDX-License-Identifier: MIT */
#include "model/hosts.h"

#include "signal/series.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Enough for a step of 60 s out of values every second. */
enum { HOST_SAMPLES = 64 };

struct host_series {
  char *signal;
  struct vr_series series;
  UT_hash_handle hh;
};

struct host {
  char *name;
  pthread_mutex_t lock;
  struct host_series *series;
  atomic_uint silent; /* sweeps */
  UT_hash_handle hh;
};

struct vr_hosts {
  pthread_rwlock_t lock; /* of the table; taken before a host's */
  struct host *table;
};

struct vr_hosts *vr_hosts_new(void) {
  struct vr_hosts *hosts = calloc(1, sizeof(*hosts));
  if (hosts)
    pthread_rwlock_init(&hosts->lock, NULL);
  return hosts;
}

static void host_free(struct host *h) {
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

void vr_hosts_free(struct vr_hosts *hosts) {
  if (!hosts)
    return;
  struct host *h, *next;
  HASH_ITER(hh, hosts->table, h, next) {
    HASH_DEL(hosts->table, h);
    host_free(h);
  }
  pthread_rwlock_destroy(&hosts->lock);
  free(hosts);
}

/* The host, locked, with the table locked for reading; NULL with neither. */
static struct host *lock_host(struct vr_hosts *hosts, const char *name) {
  struct host *h = NULL;
  pthread_rwlock_rdlock(&hosts->lock);
  HASH_FIND_STR(hosts->table, name, h);
  if (h)
    pthread_mutex_lock(&h->lock);
  else
    pthread_rwlock_unlock(&hosts->lock);
  return h;
}

static void unlock_host(struct vr_hosts *hosts, struct host *h) {
  pthread_mutex_unlock(&h->lock);
  pthread_rwlock_unlock(&hosts->lock);
}

static int add_host(struct vr_hosts *hosts, const char *name) {
  struct host *h = calloc(1, sizeof(*h)), *other = NULL;
  char *copy = strdup(name);
  if (!h || !copy) {
    free(h);
    free(copy);
    return -ENOMEM;
  }
  h->name = copy;
  pthread_mutex_init(&h->lock, NULL);
  pthread_rwlock_wrlock(&hosts->lock);
  HASH_FIND_STR(hosts->table, name, other);
  if (!other)
    HASH_ADD_KEYPTR(hh, hosts->table, h->name, strlen(h->name), h);
  pthread_rwlock_unlock(&hosts->lock);
  if (other) /* another thread was faster */
    host_free(h);
  return 0;
}

static struct host_series *add_series(struct host *h, const char *signal,
                                      const struct vr_signal_form *form) {
  struct host_series *s = calloc(1, sizeof(*s));
  char *copy = strdup(signal);
  if (!s || !copy || vr_series_init(&s->series, form, HOST_SAMPLES) < 0) {
    free(s);
    free(copy);
    return NULL;
  }
  s->signal = copy;
  HASH_ADD_KEYPTR(hh, h->series, s->signal, strlen(s->signal), s);
  return s;
}

int vr_hosts_add(struct vr_hosts *hosts, const char *host, const char *signal,
                 enum vr_kind kind, vr_time interval,
                 const struct vr_sample *sample) {
  struct host *h;
  while (!(h = lock_host(hosts, host)))
    if (add_host(hosts, host) < 0)
      return -ENOMEM;
  atomic_store_explicit(&h->silent, 0, memory_order_relaxed);
  struct vr_signal_form form = {.kind = kind, .interval = interval};
  struct host_series *s = NULL;
  HASH_FIND_STR(h->series, signal, s);
  if (!s)
    s = add_series(h, signal, &form);
  if (s) {
    /* A clock that was set back makes everything older than the newest. */
    if (s->series.n > 0 &&
        sample->time < vr_series_newest(&s->series) - HOST_SAMPLES * interval)
      vr_series_empty(&s->series);
    s->series.form = form;
    vr_series_add(&s->series, sample);
  }
  unlock_host(hosts, h);
  return s ? 0 : -ENOMEM;
}

vr_time vr_hosts_interval(struct vr_hosts *hosts, const char *host,
                          const char *signal) {
  struct host *h = lock_host(hosts, host);
  if (!h)
    return 0;
  struct host_series *s = NULL;
  HASH_FIND_STR(h->series, signal, s);
  vr_time interval = s ? s->series.form.interval : 0;
  unlock_host(hosts, h);
  return interval;
}

double vr_hosts_mean(struct vr_hosts *hosts, const char *host,
                     const char *signal, vr_time begin, vr_time end,
                     bool *ret_covered) {
  struct host *h = lock_host(hosts, host);
  *ret_covered = false;
  if (!h)
    return NAN;
  struct host_series *s = NULL;
  HASH_FIND_STR(h->series, signal, s);
  double mean = NAN;
  if (s) {
    mean = vr_series_mean(&s->series, begin, end);
    *ret_covered = vr_series_covers(&s->series, begin, end);
  }
  unlock_host(hosts, h);
  return mean;
}

size_t vr_hosts_sweep(struct vr_hosts *hosts, unsigned forget_after) {
  struct host *h, *next;
  pthread_rwlock_wrlock(&hosts->lock);
  HASH_ITER(hh, hosts->table, h, next) {
    if (atomic_fetch_add(&h->silent, 1) < forget_after)
      continue;
    HASH_DEL(hosts->table, h);
    host_free(h);
  }
  size_t n = HASH_COUNT(hosts->table);
  pthread_rwlock_unlock(&hosts->lock);
  return n;
}
