/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt.h"

#include "vmrecon-config.h"

#include <errno.h>

#ifdef HAVE_LIBVIRT

#include "basic/log.h"
#include "host/proc/accumulator.h"
#include "host/proc/scan.h"

#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
  /* Intervals: a call that takes longer is left alone (twice as long the next
   * time: the daemon may only be slow); until the next try to connect; between
   * two orders to a balloon. */
  PATIENCE = 5,
  RETRY = 30,
  ORDER_AGAIN = 30,
  /* Threads that may hang at a time, beside the one that asks. */
  LEFT_MAX = 2,
  /* How long the end waits for calls under way. */
  FREE_MS = 1000,
};

/* The functions of libvirt's that are used, by their own declarations. */
#define FUNCTIONS(f)                                                           \
  f(virConnectOpen) f(virConnectOpenReadOnly) f(virConnectClose)               \
      f(virConnectGetAllDomainStats) f(virDomainStatsRecordListFree)           \
          f(virDomainGetUUIDString) f(virDomainGetName)                        \
              f(virDomainSetMemoryStatsPeriod) f(virSetErrorFunc)              \
                  f(virGetLastErrorMessage)

#define DECLARE(name) __typeof__(name) *name;
struct api {
  FUNCTIONS(DECLARE)
};

struct domain {
  char name[VR_RAW_NAME_MAX];
  char uuid[VIR_UUID_STRING_BUFLEN];
  bool have_block, have_balloon;
  struct vr_disk_list disks;
  struct vr_balloon balloon;
  time_t updated; /* when the guest's driver reported last; 0: never */
  bool order;     /* its balloon has to be told how often */
  unsigned wait;  /* answers until it may be told again */
};

struct table {
  struct domain *v;
  size_t count, capacity;
};

struct vr_libvirt {
  char library[VR_PATH_MAX], uri[VR_PATH_MAX];
  bool balloon;
  unsigned balloon_period;
  struct vr_complaint trouble;

  pthread_mutex_t lock; /* guards all that follows */
  pthread_cond_t changed;
  unsigned references; /* the owner and every thread: the last one frees */
  unsigned worker;     /* the thread that asks; those before it were left */
  unsigned left;
  bool ended, absent; /* absent: there is no libvirt */
  unsigned asked, answered;
  unsigned since;    /* intervals since the open question was asked */
  unsigned patience; /* how many it may take */
  unsigned age;      /* intervals since the last answer */
  bool late;         /* did not answer in time */
  struct table table;
};

/* What one thread has to itself. */
struct worker {
  struct vr_libvirt *l;
  unsigned number;
  struct api api;
  virConnectPtr connection;
  unsigned retry; /* questions until the next try to connect */
  struct table table;
};

/* --- the numbers --- */

static bool get_u64(const virTypedParameter *p, uint64_t *ret) {
  switch (p->type) {
  case VIR_TYPED_PARAM_ULLONG:
    *ret = p->value.ul;
    return true;
  case VIR_TYPED_PARAM_LLONG:
    *ret = (uint64_t)p->value.l;
    return p->value.l >= 0;
  case VIR_TYPED_PARAM_UINT:
    *ret = p->value.ui;
    return true;
  default:
    return false;
  }
}

/* libvirt gives sizes of memory in KiB. */
static void take_kib(const virTypedParameter *p, bool *have, uint64_t *ret) {
  uint64_t kib;
  if (!get_u64(p, &kib) || kib > UINT64_MAX / 1024)
    return;
  *have = true;
  *ret = kib * 1024;
}

static void take_balloon(struct domain *d, const virTypedParameter *p,
                         const char *key) {
  struct vr_balloon *b = &d->balloon;
  uint64_t updated;
  if (strcmp(key, "available") == 0) /* what the guest has at all */
    take_kib(p, &b->have_total, &b->total);
  else if (strcmp(key, "unused") == 0)
    take_kib(p, &b->have_free, &b->free);
  else if (strcmp(key, "usable") == 0)
    take_kib(p, &b->have_available, &b->available);
  else if (strcmp(key, "disk_caches") == 0)
    take_kib(p, &b->have_caches, &b->caches);
  else if (strcmp(key, "swap_in") == 0)
    take_kib(p, &b->have_swap_in, &b->swap_in);
  else if (strcmp(key, "swap_out") == 0)
    take_kib(p, &b->have_swap_out, &b->swap_out);
  else if (strcmp(key, "minor_fault") == 0)
    b->have_minor = get_u64(p, &b->minor);
  else if (strcmp(key, "major_fault") == 0)
    b->have_major = get_u64(p, &b->major);
  else if (strcmp(key, "last-update") == 0 && get_u64(p, &updated)) {
    d->updated = (time_t)updated;
    d->have_balloon = true;
  }
}

/* The disk that block.N is about; they come in the order of their numbers. */
static struct vr_disk *disk_of(struct domain *d, uint64_t number) {
  while (d->disks.count <= number && d->disks.count < VR_DISKS_MAX)
    vr_diskstats_list_next(&d->disks)->key = d->disks.count;
  return &d->disks.v[number < VR_DISKS_MAX ? number : VR_DISKS_MAX - 1];
}

/* block.N.name, block.N.rd.bytes and its like. */
static void take_block(struct domain *d, const virTypedParameter *p,
                       const char *key) {
  static const struct {
    const char *key;
    size_t offset;
  } counters[] = {{"rd.bytes", offsetof(struct vr_disks, read_bytes)},
                  {"wr.bytes", offsetof(struct vr_disks, write_bytes)},
                  {"rd.reqs", offsetof(struct vr_disks, read_ops)},
                  {"wr.reqs", offsetof(struct vr_disks, write_ops)}};
  uint64_t number, value;
  if (!vr_scan_u64(&key, &number) || *key++ != '.')
    return;
  struct vr_disk *disk = disk_of(d, number);
  if (strcmp(key, "name") == 0 && p->type == VIR_TYPED_PARAM_STRING)
    disk->key = vr_accumulator_key(p->value.s);
  for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
    if (strcmp(key, counters[i].key) == 0 && get_u64(p, &value)) {
      *(uint64_t *)((char *)&disk->counters + counters[i].offset) += value;
      d->have_block = true;
    }
}

static void take_record(struct domain *d, const virDomainStatsRecord *record) {
  for (int i = 0; i < record->nparams; i++) {
    const virTypedParameter *p = &record->params[i];
    const char *key = p->field;
    if (VR_SCAN_KEY(&key, "balloon."))
      take_balloon(d, p, key);
    else if (VR_SCAN_KEY(&key, "block."))
      take_block(d, p, key);
  }
}

/* --- a thread's work --- */

static void complain(struct vr_libvirt *l, const char *why) {
  vr_log_complain(
      &l->trouble, LOG_NOTICE,
      "libvirt: %s; block and balloon statistics of its guests are not "
      "known, trying again from time to time",
      why ? why : "no reason given");
}

static void quiet(void *ctx, virErrorPtr error) {
  (void)ctx;
  (void)error; /* said by complain() */
}

/* False: it is not there, or too old. Never closed: libvirt starts threads and
 * leaves handlers behind. */
static bool load(struct vr_libvirt *l, struct api *ret) {
  void *library = dlopen(l->library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    vr_log_notice(
        "libvirt: %s; block and balloon statistics of its guests are not "
        "known",
        dlerror());
    return false;
  }
#define LOOK_UP(name)                                                          \
  *(void **)&ret->name = dlsym(library, #name);                                \
  if (!ret->name) {                                                            \
    vr_log_notice("libvirt: %s has no " #name, l->library);                    \
    return false;                                                              \
  }
  FUNCTIONS(LOOK_UP)
  ret->virSetErrorFunc(NULL, quiet);
  return true;
}

/* Reading needs no more than a connection that may only read; to tell a
 * balloon how often to report, another one is needed. */
static bool connected(struct worker *w) {
  if (w->connection)
    return true;
  if (w->retry > 0) {
    w->retry--;
    return false;
  }
  if (w->l->balloon)
    w->connection = w->api.virConnectOpen(w->l->uri);
  if (!w->connection)
    w->connection = w->api.virConnectOpenReadOnly(w->l->uri);
  if (w->connection)
    return true;
  complain(w->l, w->api.virGetLastErrorMessage());
  w->retry = RETRY;
  return false;
}

static void disconnect(struct worker *w) {
  if (w->connection)
    w->api.virConnectClose(w->connection);
  w->connection = NULL;
}

static struct domain *table_add(struct table *t) {
  if (t->count == t->capacity) {
    size_t capacity = t->capacity ? 2 * t->capacity : 16;
    struct domain *v = realloc(t->v, capacity * sizeof(*v));
    if (!v)
      return NULL;
    t->v = v;
    t->capacity = capacity;
  }
  struct domain *d = &t->v[t->count++];
  memset(d, 0, sizeof(*d));
  return d;
}

static bool is_fresh(const struct vr_libvirt *l, time_t updated) {
  time_t patience = 3 * (time_t)l->balloon_period + 10;
  return updated > 0 && time(NULL) - updated <= patience;
}

static int by_uuid(const void *a, const void *b) {
  return strcasecmp(((const struct domain *)a)->uuid,
                    ((const struct domain *)b)->uuid);
}

static struct domain *table_find(const struct table *t, const char *uuid) {
  struct domain key;
  snprintf(key.uuid, sizeof(key.uuid), "%s", uuid);
  return t->count ? bsearch(&key, t->v, t->count, sizeof(key), by_uuid) : NULL;
}

/* QEMU asks the guest's driver only if it was told how often. A guest without
 * one is not told at every answer, and one that is busy is not told now: that
 * would wait for it. */
static void decide_order(struct worker *w, struct domain *d) {
  pthread_mutex_lock(&w->l->lock);
  const struct domain *before = table_find(&w->l->table, d->uuid);
  d->wait = before && before->wait > 0 ? before->wait - 1 : 0;
  pthread_mutex_unlock(&w->l->lock);
  d->order = w->l->balloon && d->have_balloon && d->wait == 0 &&
             !is_fresh(w->l, d->updated);
  if (d->order)
    d->wait = ORDER_AGAIN;
}

/* Whether the guest is to be told, for once. */
static bool take_order(struct worker *w, const char *uuid) {
  pthread_mutex_lock(&w->l->lock);
  struct domain *d = table_find(&w->l->table, uuid);
  bool order = d && d->order && w->l->worker == w->number;
  if (order)
    d->order = false;
  pthread_mutex_unlock(&w->l->lock);
  return order;
}

/* After the answer was given: it may take its time. */
static void order_balloons(struct worker *w,
                           const virDomainStatsRecordPtr *records, int n) {
  char uuid[VIR_UUID_STRING_BUFLEN];
  for (int i = 0; i < n; i++)
    if (w->api.virDomainGetUUIDString(records[i]->dom, uuid) == 0 &&
        take_order(w, uuid))
      w->api.virDomainSetMemoryStatsPeriod(
          records[i]->dom, (int)w->l->balloon_period, VIR_DOMAIN_AFFECT_LIVE);
}

static void take_records(struct worker *w, virDomainStatsRecordPtr *records,
                         int n) {
  w->table.count = 0;
  for (int i = 0; i < n; i++) {
    const char *name = w->api.virDomainGetName(records[i]->dom);
    struct domain *d = table_add(&w->table);
    if (!d)
      break;
    if (!name || w->api.virDomainGetUUIDString(records[i]->dom, d->uuid) < 0) {
      w->table.count--;
      continue;
    }
    snprintf(d->name, sizeof(d->name), "%s", name);
    take_record(d, records[i]);
    decide_order(w, d);
  }
  qsort(w->table.v, w->table.count, sizeof(w->table.v[0]), by_uuid);
}

/* --- threads --- */

static void table_swap(struct table *a, struct table *b) {
  struct table t = *a;
  *a = *b;
  *b = t;
}

/* With the lock; gives it back. */
static void let_go(struct vr_libvirt *l) {
  bool last = --l->references == 0;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
  if (!last)
    return;
  pthread_mutex_destroy(&l->lock);
  pthread_cond_destroy(&l->changed);
  free(l->table.v);
  free(l);
}

/* Waits for a question; false when this thread's time is over. */
static bool await_question(struct worker *w, unsigned *ret_question) {
  struct vr_libvirt *l = w->l;
  pthread_mutex_lock(&l->lock);
  while (!l->ended && l->worker == w->number && l->asked == l->answered)
    pthread_cond_wait(&l->changed, &l->lock);
  *ret_question = l->asked;
  bool go_on = !l->ended && l->worker == w->number;
  pthread_mutex_unlock(&l->lock);
  return go_on;
}

static void give_answer(struct worker *w, unsigned question, bool known) {
  struct vr_libvirt *l = w->l;
  pthread_mutex_lock(&l->lock);
  /* A thread that was left comes too late. */
  if (l->worker == w->number) {
    l->answered = question;
    l->late = false;
    if (known) {
      table_swap(&l->table, &w->table);
      l->age = 0;
    }
    pthread_cond_broadcast(&l->changed);
  }
  pthread_mutex_unlock(&l->lock);
}

/* The one bulk call; guests that somebody is busy with are passed over. Returns
 * how many, or -1. */
static int call_daemon(struct worker *w, virDomainStatsRecordPtr **ret) {
  const unsigned stats =
      VIR_DOMAIN_STATS_BLOCK | (w->l->balloon ? VIR_DOMAIN_STATS_BALLOON : 0);
  const unsigned flags = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
                         VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
  if (!connected(w))
    return -1;
  int n = w->api.virConnectGetAllDomainStats(w->connection, stats, ret, flags);
  if (n < 0) {
    complain(w->l, w->api.virGetLastErrorMessage());
    disconnect(w);
    return -1;
  }
  vr_log_relieved(&w->l->trouble, "libvirt: it answers");
  return n;
}

static void ask_daemon(struct worker *w, unsigned question) {
  virDomainStatsRecordPtr *records = NULL;
  int n = call_daemon(w, &records);
  if (n < 0) {
    give_answer(w, question, false);
    return;
  }
  take_records(w, records, n);
  give_answer(w, question, true);
  order_balloons(w, records, n);
  w->api.virDomainStatsRecordListFree(records);
}

static void *run(void *ctx) {
  struct worker *w = ctx;
  struct vr_libvirt *l = w->l;
  unsigned question;
  pthread_setname_np(pthread_self(), "vmrecon-libvirt");
  bool there = load(l, &w->api);
  while (there && await_question(w, &question))
    ask_daemon(w, question);
  disconnect(w);
  pthread_mutex_lock(&l->lock);
  if (!there)
    l->absent = true;
  if (l->worker != w->number)
    l->left--;
  free(w->table.v);
  free(w);
  let_go(l);
  return NULL;
}

/* With the lock, or before anybody else has the object. The thread takes no
 * signals: they are the daemon's. */
static int start_worker(struct vr_libvirt *l) {
  struct worker *w = calloc(1, sizeof(*w));
  if (!w)
    return -ENOMEM;
  w->l = l;
  w->number = l->worker;
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int r = pthread_create(&thread, NULL, run, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (r != 0) {
    free(w);
    return -r;
  }
  pthread_detach(thread);
  l->references++;
  return 0;
}

int vr_libvirt_new(const struct vr_libvirt_options *options,
                   struct vr_libvirt **ret) {
  struct vr_libvirt *l = calloc(1, sizeof(*l));
  if (!l)
    return -ENOMEM;
  snprintf(l->library, sizeof(l->library), "%s", options->library);
  snprintf(l->uri, sizeof(l->uri), "%s", options->uri);
  l->balloon = options->balloon;
  l->balloon_period = options->balloon_period;
  l->patience = PATIENCE;
  l->references = 1;
  l->age = UINT32_MAX / 2; /* never yet */
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&l->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&l->lock, NULL);
  pthread_mutex_lock(&l->lock);
  int r = start_worker(l);
  if (r < 0) {
    let_go(l);
    return r;
  }
  pthread_mutex_unlock(&l->lock);
  *ret = l;
  return 0;
}

static struct timespec in_ms(int ms) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_sec += ms / 1000;
  t.tv_nsec += (long)(ms % 1000) * 1000000;
  if (t.tv_nsec >= 1000000000) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000;
  }
  return t;
}

void vr_libvirt_free(struct vr_libvirt *l) {
  if (!l)
    return;
  const struct timespec until = in_ms(FREE_MS);
  pthread_mutex_lock(&l->lock);
  l->ended = true;
  pthread_cond_broadcast(&l->changed);
  while (l->references > 1 &&
         pthread_cond_timedwait(&l->changed, &l->lock, &until) == 0)
    ;
  let_go(l);
}

/* --- questions --- */

/* The call that hangs is left to its thread, and another thread asks. */
static void leave_worker(struct vr_libvirt *l) {
  if (l->left >= LEFT_MAX)
    return;
  l->worker++;
  l->left++;
  if (start_worker(l) < 0) {
    l->worker--;
    l->left--;
    return;
  }
  l->patience *= 2;
  l->since = 0;
  complain(l, "a call does not come back");
}

void vr_libvirt_ask(struct vr_libvirt *l) {
  pthread_mutex_lock(&l->lock);
  l->age++;
  l->since++;
  if (l->asked == l->answered) {
    l->asked++;
    l->since = 0;
    if (l->left == 0)
      l->patience = PATIENCE;
  } else if (l->since >= l->patience && !l->absent) {
    leave_worker(l);
  }
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

bool vr_libvirt_await(struct vr_libvirt *l, int ms) {
  const struct timespec until = in_ms(ms > 0 ? ms : 0);
  pthread_mutex_lock(&l->lock);
  while (l->asked != l->answered && !l->late && !l->absent)
    if (pthread_cond_timedwait(&l->changed, &l->lock, &until) != 0)
      l->late = l->asked != l->answered;
  bool there = l->asked == l->answered;
  pthread_mutex_unlock(&l->lock);
  return there;
}

void vr_libvirt_sample(struct vr_libvirt *l, const struct vr_vm *vm,
                       struct vr_vmproc_sample *s) {
  s->have_block = s->have_balloon = false;
  pthread_mutex_lock(&l->lock);
  const struct domain *d = l->age <= 1 ? table_find(&l->table, vm->uuid) : NULL;
  if (d && strcmp(d->name, vm->name) == 0) {
    s->have_block = d->have_block;
    s->disks = d->disks;
    s->block = (struct vr_disks){0};
    for (size_t i = 0; i < d->disks.count; i++)
      vr_diskstats_add(&s->block, &d->disks.v[i].counters);
    s->have_balloon = d->have_balloon && is_fresh(l, d->updated);
    s->balloon = d->balloon;
  }
  pthread_mutex_unlock(&l->lock);
}

unsigned vr_libvirt_threads(struct vr_libvirt *l) {
  pthread_mutex_lock(&l->lock);
  unsigned n = l->references - 1;
  pthread_mutex_unlock(&l->lock);
  return n;
}

#else

int vr_libvirt_new(const struct vr_libvirt_options *options,
                   struct vr_libvirt **ret) {
  (void)options;
  (void)ret;
  return -ENOTSUP;
}

void vr_libvirt_free(struct vr_libvirt *l) { (void)l; }

void vr_libvirt_ask(struct vr_libvirt *l) { (void)l; }

bool vr_libvirt_await(struct vr_libvirt *l, int ms) {
  (void)l;
  (void)ms;
  return false;
}

void vr_libvirt_sample(struct vr_libvirt *l, const struct vr_vm *vm,
                       struct vr_vmproc_sample *s) {
  (void)l;
  (void)vm;
  (void)s;
}

unsigned vr_libvirt_threads(struct vr_libvirt *l) {
  (void)l;
  return 0;
}

#endif
