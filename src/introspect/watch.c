/* SPDX-License-Identifier: MIT */
#include "introspect/watch.h"

#include "basic/log.h"
#include "introspect/budget.h"
#include "introspect/series.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The thread looks for guests whose search is due this often. */
#define LOOK_NS 500000000ll

/* What is said of one guest: so many lines at once, and one more a minute. A
 * guest that has a new state every second does not fill the log. */
#define LINES_AT_ONCE 10
#define NS_PER_LINE 60000000000ull

struct watched {
  struct watched *next;
  pid_t pid;
  char name[VR_NAME_MAX];
  struct vr_introspect *i;
  bool seen;        /* in this round */
  bool searching;   /* the thread has it: it must not be freed */
  bool gone;        /* the thread frees it */
  int told;         /* the reason that the log has, 0: it is introspected */
  uint64_t said_ns; /* each line takes NS_PER_LINE, from its time or later on */
  bool have_before;
  struct vr_introspect_values before;
};

struct vr_watch {
  pthread_t thread;
  pthread_mutex_t lock; /* guards what follows, not the guests' insides */
  pthread_cond_t changed;
  bool stop;
  struct watched *guests;
};

static void watched_free(struct watched *g) {
  vr_introspect_close(g->i);
  free(g);
}

static struct watched *next_due(struct vr_watch *w) {
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  for (struct watched *g = w->guests; g; g = g->next)
    if (vr_introspect_search_due(g->i, now))
      return g;
  return NULL;
}

/* May a line be said now? What may not is said later, if it is still so. */
static bool may_say(struct watched *g) {
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  if (g->said_ns < now)
    g->said_ns = now;
  if (g->said_ns + NS_PER_LINE > now + LINES_AT_ONCE * NS_PER_LINE)
    return false;
  g->said_ns += NS_PER_LINE;
  return true;
}

static void tell(struct watched *g, int r) {
  char banner[128];
  if (g->told == r || !may_say(g))
    return;
  if (r < 0) {
    vr_warning("guest %s: not introspected: %s", g->name, vr_introspect_why(r));
  } else {
    vr_introspect_banner(g->i, banner, sizeof(banner));
    vr_notice("guest %s: introspected: %s", g->name, banner);
  }
  g->told = r;
}

/* With the lock held on entry and on return. */
static void search_one(struct vr_watch *w, struct watched *g) {
  g->searching = true;
  pthread_mutex_unlock(&w->lock);
  int r = vr_introspect_search(g->i, NULL);
  pthread_mutex_lock(&w->lock);
  g->searching = false;
  /* That it is introspected is told when a value was read. */
  if (r < 0 && r != -ESRCH && !g->gone)
    tell(g, r);
  if (g->gone)
    watched_free(g);
}

static void *run(void *arg) {
  struct vr_watch *w = arg;
  pthread_mutex_lock(&w->lock);
  while (!w->stop) {
    struct watched *g = next_due(w);
    if (g) {
      search_one(w, g);
      continue;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&w->changed, &w->lock, &until);
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

int vr_watch_new(struct vr_watch **ret) {
  struct vr_watch *w = calloc(1, sizeof(*w));
  if (!w)
    return -ENOMEM;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&w->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&w->lock, NULL);
  int r = pthread_create(&w->thread, NULL, run, w);
  if (r != 0) {
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->changed);
    free(w);
    return -r;
  }
  *ret = w;
  return 0;
}

void vr_watch_free(struct vr_watch *w) {
  if (!w)
    return;
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
  while (w->guests) {
    struct watched *g = w->guests;
    w->guests = g->next;
    watched_free(g);
  }
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->changed);
  free(w);
}

/* Takes one out of the list; the thread frees one that it has. */
static void forget(struct watched **at) {
  struct watched *g = *at;
  *at = g->next;
  g->gone = true;
  if (!g->searching)
    watched_free(g);
}

static struct watched **find(struct vr_watch *w, pid_t pid) {
  struct watched **at = &w->guests;
  while (*at && (*at)->pid != pid)
    at = &(*at)->next;
  return at;
}

static struct watched *add(struct vr_watch *w, pid_t pid, const char *name,
                           uint64_t memory) {
  struct watched *g = calloc(1, sizeof(*g));
  if (!g || vr_introspect_open(pid, memory, &g->i) < 0) {
    free(g);
    return NULL;
  }
  g->pid = pid;
  g->told = -EAGAIN;
  strncpy(g->name, name, sizeof(g->name) - 1);
  g->next = w->guests;
  w->guests = g;
  pthread_cond_signal(&w->changed);
  return g;
}

static int read_guest(struct watched *g, vr_series_fn fn, void *ctx) {
  static __thread struct vr_introspect_values v;
  int r = vr_introspect_read(g->i, &v);
  if (r != -EAGAIN && r != -ESRCH)
    tell(g, r);
  if (r == 0) {
    vr_introspect_series(g->have_before ? &g->before : NULL, &v, fn, ctx);
    g->before = v;
  }
  g->have_before = r == 0;
  return r;
}

int vr_watch_guest(struct vr_watch *w, pid_t pid, const char *name,
                   uint64_t memory, vr_series_fn fn, void *ctx) {
  pthread_mutex_lock(&w->lock);
  int r = -ESRCH;
  struct watched *g = *find(w, pid);
  if (!g)
    g = add(w, pid, name, memory);
  if (g) {
    g->seen = true;
    r = read_guest(g, fn, ctx);
    /* Should the number belong to another process by now, it begins anew. */
    if (r == -ESRCH)
      forget(find(w, pid));
  }
  pthread_mutex_unlock(&w->lock);
  return r;
}

void vr_watch_end_round(struct vr_watch *w) {
  pthread_mutex_lock(&w->lock);
  for (struct watched **at = &w->guests; *at;) {
    bool seen = (*at)->seen;
    (*at)->seen = false;
    if (seen)
      at = &(*at)->next;
    else
      forget(at);
  }
  pthread_mutex_unlock(&w->lock);
}
