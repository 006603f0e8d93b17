/* SPDX-License-Identifier: MIT */
#include "introspect/introspect_watch.h"

#include "basic/deadline.h"
#include "basic/log.h"
#include "basic/patience.h"
#include "host/vmm/vm.h"
#include "introspect/budget.h"
#include "introspect/introspect_series.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The thread checks this often whether a guest's search is due. */
#define CHECK_NS 500000000ull

/* The rate limit of log lines about one guest: so many at once, and one more a
 * minute. A guest that has a new state every second does not fill the log. */
#define LINES_AT_ONCE 10
#define NS_PER_LINE 60000000000ull

/* How long a reading, all of a round, and the end of the thread are waited for.
 */
enum { READ_MS = 500 };
#define ROUND_NS 700000000ull
#define END_NS 1000000000ull

struct watched {
  struct watched *next;
  struct vr_introspect_process process;
  char name[VR_NAME_MAX];
  struct vr_introspect *i;
  bool seen;      /* in this round */
  bool searching; /* the thread has it: it must not be freed */
  bool gone;      /* in no round any more, though the thread may have it */
  int logged;     /* the reason in the log, 0: it is introspected */
  uint64_t
      logged_ns; /* each line takes NS_PER_LINE, from its time or later on */
  bool have_before;
  struct vr_introspect_values before, now;
  struct vr_deadline_call *call; /* a reading that does not return, or NULL */
};

struct vr_watch {
  pthread_t thread;
  pthread_mutex_t lock; /* guards what follows, not the guests' insides */
  pthread_cond_t changed;
  bool stop, ended;
  uint64_t waited_ns;     /* for readings of this round */
  bool no_right_logged;   /* that guests may not be read, once for all */
  uint64_t rested_ns;     /* the thread searches nothing before */
  struct watched *guests; /* the newest first */
  struct watched *gone;   /* to be freed by who names the guests */
  struct vr_fd_budget *budget;
};

static void watched_free(struct watched *g) {
  vr_introspect_close(g->i);
  free(g);
}

/* Of the guests that a search is due for, the one that has waited longest: at
 * the begin one that was never searched. */
static struct watched *next_due(struct vr_watch *w) {
  uint64_t earliest = vr_clock_ns(CLOCK_MONOTONIC);
  struct watched *next = NULL;
  if (earliest < w->rested_ns)
    return NULL;
  for (struct watched *g = w->guests; g; g = g->next) {
    if (g->call)
      continue;
    uint64_t due = vr_introspect_due(g->i);
    if (due <= earliest) {
      earliest = due;
      next = g;
    }
  }
  return next;
}

/* May a line be logged now? What may not is logged later, if it is still so. */
static bool may_log(struct watched *g) {
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  if (g->logged_ns < now)
    g->logged_ns = now;
  if (g->logged_ns + NS_PER_LINE > now + LINES_AT_ONCE * NS_PER_LINE)
    return false;
  g->logged_ns += NS_PER_LINE;
  return true;
}

/* It is the same for most guests, and does not change while the daemon runs. */
static void log_no_right(struct vr_watch *w, const struct watched *g, int r) {
  if (!w->no_right_logged)
    vr_log_warning("guest %s: not introspected: %s (logged once for all "
                   "guests)",
                   g->name, vr_introspect_why(r));
  w->no_right_logged = true;
}

static void log_state(struct vr_watch *w, struct watched *g, int r) {
  char banner[128];
  bool no_right = r == -EPERM || r == -EACCES;
  if (g->logged == r || (!no_right && !may_log(g)))
    return;
  if (no_right) {
    log_no_right(w, g, r);
  } else if (r < 0) {
    vr_log_warning("guest %s: not introspected: %s", g->name,
                   vr_introspect_why(r));
  } else {
    vr_introspect_banner(g->i, banner, sizeof(banner));
    vr_log_notice("guest %s: introspected: %s", g->name, banner);
  }
  g->logged = r;
}

/* With the lock held on entry and on return. */
static void search_one(struct vr_watch *w, struct watched *g) {
  struct vr_introspect_search_stats stats = {0};
  g->searching = true;
  pthread_mutex_unlock(&w->lock);
  int r = vr_introspect_search(g->i, &stats);
  pthread_mutex_lock(&w->lock);
  g->searching = false;
  w->rested_ns = vr_clock_ns(CLOCK_MONOTONIC) + stats.cpu_ns;
  /* That it is introspected is logged when a value was read. */
  if (r < 0 && r != -ESRCH && !g->gone)
    log_state(w, g, r);
}

/* When the thread checks again whether a search is due. */
static struct timespec next_check(const struct vr_watch *w) {
  uint64_t at = vr_clock_ns(CLOCK_MONOTONIC) + CHECK_NS;
  if (w->rested_ns < at && w->rested_ns + CHECK_NS > at) /* it rests now */
    at = w->rested_ns;
  return (struct timespec){.tv_sec = (time_t)(at / 1000000000),
                           .tv_nsec = (long)(at % 1000000000)};
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
    struct timespec until = next_check(w);
    pthread_cond_timedwait(&w->changed, &w->lock, &until);
  }
  w->ended = true;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

int vr_introspect_watch_new(struct vr_fd_budget *budget,
                            struct vr_watch **ret) {
  struct vr_watch *w = calloc(1, sizeof(*w));
  if (!w)
    return -ENOMEM;
  w->budget = budget;
  vr_patience_init(&w->changed);
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

static void free_all(struct watched *list) {
  while (list) {
    struct watched *g = list;
    list = g->next;
    watched_free(g);
  }
}

static void cancel_all(struct watched *list) {
  for (; list; list = list->next)
    vr_introspect_cancel(list->i);
}

/* Whether the thread has ended. One that reads the memory of a process whose
 * pages somebody does not provide is left behind, with all that it may use: it
 * ends with the daemon. */
static bool end_thread(struct vr_watch *w) {
  uint64_t end = vr_clock_ns(CLOCK_MONOTONIC) + END_NS;
  const struct timespec until = {.tv_sec = (time_t)(end / 1000000000),
                                 .tv_nsec = (long)(end % 1000000000)};
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  cancel_all(w->guests);
  cancel_all(w->gone);
  pthread_cond_signal(&w->changed);
  while (!w->ended &&
         pthread_cond_timedwait(&w->changed, &w->lock, &until) == 0)
    ;
  bool ended = w->ended;
  pthread_mutex_unlock(&w->lock);
  if (ended)
    pthread_join(w->thread, NULL);
  else
    pthread_detach(w->thread);
  return ended;
}

static bool any_hangs(struct watched *list) {
  for (; list; list = list->next)
    if (vr_deadline_hangs(&list->call))
      return true;
  return false;
}

/* Still in use, as one that looks for leaks can see. */
static struct vr_watch *left_behind __attribute__((used));

void vr_introspect_watch_free(struct vr_watch *w) {
  if (!w)
    return;
  if (!end_thread(w) || any_hangs(w->guests) || any_hangs(w->gone)) {
    left_behind = w;
    return;
  }
  free_all(w->guests);
  free_all(w->gone);
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->changed);
  free(w);
}

/* Takes one out of the list. */
static void forget(struct vr_watch *w, struct watched **at) {
  struct watched *g = *at;
  *at = g->next;
  g->gone = true;
  g->next = w->gone;
  w->gone = g;
}

/* Frees those that are gone and that the thread does not have. */
static void free_gone(struct vr_watch *w) {
  for (struct watched **at = &w->gone; *at;) {
    struct watched *g = *at;
    if (g->searching || vr_deadline_hangs(&g->call)) {
      at = &g->next;
      continue;
    }
    *at = g->next;
    watched_free(g);
  }
}

static struct watched **find(struct vr_watch *w,
                             const struct vr_introspect_process *process) {
  struct watched **at = &w->guests;
  while (*at && ((*at)->process.pid != process->pid ||
                 (*at)->process.start != process->start))
    at = &(*at)->next;
  return at;
}

static struct watched *add(struct vr_watch *w,
                           const struct vr_introspect_process *process,
                           const char *name) {
  struct watched *g = calloc(1, sizeof(*g));
  if (!g || vr_introspect_open(process, w->budget, &g->i) < 0) {
    free(g);
    return NULL;
  }
  g->process = *process;
  g->logged = -EAGAIN;
  strncpy(g->name, name, sizeof(g->name) - 1);
  g->next = w->guests;
  w->guests = g;
  pthread_cond_signal(&w->changed);
  return g;
}

static int read_values(void *ctx) {
  struct watched *g = ctx;
  return vr_introspect_read(g->i, &g->now);
}

/* All readings of a round together wait for about a second at most. */
static int read_in_time(struct vr_watch *w, struct watched *g) {
  uint64_t begin = vr_clock_ns(CLOCK_MONOTONIC);
  unsigned ms = w->waited_ns < ROUND_NS ? READ_MS : READ_MS / 10;
  int result = 0;
  int r = vr_deadline_run(&g->call, read_values, g, ms, &result);
  w->waited_ns += vr_clock_ns(CLOCK_MONOTONIC) - begin;
  return r < 0 ? r : result;
}

static int read_guest(struct vr_watch *w, struct watched *g, vr_emit_fn fn,
                      void *ctx) {
  int r = read_in_time(w, g);
  if (r != -EAGAIN && r != -EBUSY && r != -ESRCH)
    log_state(w, g, r);
  if (r == 0) {
    vr_introspect_series(g->have_before ? &g->before : NULL, &g->now, fn, ctx);
    g->before = g->now;
  }
  g->have_before = r == 0;
  return r;
}

int vr_introspect_watch_guest(struct vr_watch *w,
                              const struct vr_introspect_process *process,
                              const char *name, vr_emit_fn fn, void *ctx) {
  pthread_mutex_lock(&w->lock);
  int r = -ESRCH;
  struct watched *g = *find(w, process);
  if (!g)
    g = add(w, process, name);
  if (g) {
    g->seen = true;
    r = read_guest(w, g, fn, ctx);
    /* Should the number belong to another process by now, it begins anew. */
    if (r == -ESRCH)
      forget(w, find(w, process));
  }
  pthread_mutex_unlock(&w->lock);
  return r;
}

void vr_introspect_watch_end_round(struct vr_watch *w) {
  pthread_mutex_lock(&w->lock);
  for (struct watched **at = &w->guests; *at;) {
    bool seen = (*at)->seen;
    (*at)->seen = false;
    if (seen)
      at = &(*at)->next;
    else
      forget(w, at);
  }
  free_gone(w);
  w->waited_ns = 0;
  pthread_mutex_unlock(&w->lock);
}
