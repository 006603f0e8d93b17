/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt.h"

#include "vmrecon-config.h"

#include <errno.h>

#ifdef HAVE_LIBVIRT

#include "basic/log.h"
#include "basic/patience.h"
#include "host/qmp/libvirt_client.h"
#include "host/qmp/libvirt_domains.h"
#include "host/qmp/libvirt_xml.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  /* Intervals: a call that takes longer is abandoned (twice as long the next
   * time: the daemon may only be slow); between two orders to a balloon, and
   * between two attempts to get a description. */
  LONGEST_CALL = 5,
  ORDER_AGAIN = 30,
  DESCRIBE_AGAIN = 30,
  /* Threads that may hang at a time, beside the one that asks. */
  ABANDONED_MAX = 2,
  PATH_SIZE = 1024,
  /* How long the end waits for calls under way. */
  FREE_MS = 1000,
};

struct vr_libvirt {
  char library[PATH_SIZE], uri[PATH_SIZE];
  bool balloon;
  unsigned balloon_period;
  struct vr_complaint trouble;

  pthread_mutex_t lock; /* guards all that follows */
  pthread_cond_t changed;
  unsigned references; /* the owner and every thread: the last one frees */
  unsigned worker;     /* the thread that asks; those before it are abandoned */
  unsigned abandoned;
  bool ended, absent; /* absent: there is no libvirt */
  unsigned asked, answered;
  unsigned since;   /* intervals since the open question was asked */
  unsigned longest; /* how many it may take */
  unsigned age;     /* intervals since the last answer */
  bool late;        /* did not answer in time */
  struct vr_libvirt_domains domains;
};

/* What one thread has to itself. */
struct worker {
  struct vr_libvirt *l;
  unsigned number;
  struct vr_libvirt_client client;
  struct vr_libvirt_domains domains;
};

/* --- a thread's work --- */

static unsigned period_of(const struct vr_libvirt *l,
                          const struct vr_libvirt_domain *d) {
  return d->period > 0 ? d->period : l->balloon_period;
}

/* QEMU asks the guest's driver only once a period was set. A guest without a
 * driver is not ordered to report at every answer, and one that is busy not
 * now: that would wait for it. */
static void decide_order(struct worker *w, struct vr_libvirt_domain *d) {
  pthread_mutex_lock(&w->l->lock);
  const struct vr_libvirt_domain *before =
      vr_libvirt_domains_find(&w->l->domains, d->uuid);
  d->wait = before && before->wait > 0 ? before->wait - 1 : 0;
  d->describe = before && before->describe > 0 ? before->describe - 1 : 0;
  d->described = before && before->described;
  d->os = before ? before->os : VR_OS_UNKNOWN;
  d->period = before ? before->period : 0;
  d->labels = before ? before->labels : (struct vr_labels){"", ""};
  pthread_mutex_unlock(&w->l->lock);
  d->order = w->l->balloon && d->have_balloon && d->wait == 0 &&
             !vr_qmp_balloon_is_fresh(d->updated, period_of(w->l, d));
  if (d->order)
    d->wait = ORDER_AGAIN;
}

/* The guest with this UUID, if this is still the thread that asks; else NULL.
 * To be called with the lock. */
static struct vr_libvirt_domain *find_own(struct worker *w, const char *uuid) {
  return w->l->worker == w->number
             ? vr_libvirt_domains_find(&w->l->domains, uuid)
             : NULL;
}

/* Whether the guest's description is to be asked for: once, and before its
 * balloon is ordered anything, since its owner may have ordered already. */
static bool wants_description(struct worker *w, const char *uuid) {
  pthread_mutex_lock(&w->l->lock);
  const struct vr_libvirt_domain *d = find_own(w, uuid);
  bool wanted = d && (d->order || (!d->described && d->describe == 0));
  pthread_mutex_unlock(&w->l->lock);
  return wanted;
}

static void describe(struct worker *w, virDomainPtr domain, const char *uuid) {
  char *xml = w->client.library.virDomainGetXMLDesc(domain, 0);
  pthread_mutex_lock(&w->l->lock);
  struct vr_libvirt_domain *d = find_own(w, uuid);
  if (d && xml) {
    d->described = true;
    vr_libvirt_xml_parse(xml, &d->os, &d->period);
    vr_libvirt_xml_labels(xml, &d->labels);
  } else if (d) {
    d->describe = DESCRIBE_AGAIN;
  }
  pthread_mutex_unlock(&w->l->lock);
  free(xml);
}

/* Whether a period is to be set for the guest, once. */
static bool take_order(struct worker *w, const char *uuid) {
  pthread_mutex_lock(&w->l->lock);
  struct vr_libvirt_domain *d = find_own(w, uuid);
  bool order = d && d->order && d->period == 0;
  if (d)
    d->order = false;
  pthread_mutex_unlock(&w->l->lock);
  return order;
}

/* After the answer was given: it may take its time. */
static void describe_and_order(struct worker *w,
                               const virDomainStatsRecordPtr *records, int n) {
  char uuid[VIR_UUID_STRING_BUFLEN];
  for (int i = 0; i < n; i++) {
    virDomainPtr domain = records[i]->dom;
    if (w->client.library.virDomainGetUUIDString(domain, uuid) < 0)
      continue;
    if (wants_description(w, uuid))
      describe(w, domain, uuid);
    if (take_order(w, uuid))
      w->client.library.virDomainSetMemoryStatsPeriod(
          domain, (int)w->l->balloon_period, VIR_DOMAIN_AFFECT_LIVE);
  }
}

static void take_records(struct worker *w, virDomainStatsRecordPtr *records,
                         int n) {
  w->domains.count = 0;
  for (int i = 0; i < n; i++) {
    const char *name = w->client.library.virDomainGetName(records[i]->dom);
    struct vr_libvirt_domain *d = vr_libvirt_domains_add(&w->domains);
    if (!d)
      break;
    if (!name || w->client.library.virDomainGetUUIDString(records[i]->dom,
                                                          d->uuid) < 0) {
      w->domains.count--;
      continue;
    }
    snprintf(d->name, sizeof(d->name), "%s", name);
    vr_libvirt_domain_take(d, records[i]);
    decide_order(w, d);
  }
  vr_libvirt_domains_sort(&w->domains);
}

/* --- threads --- */

/* With the lock; gives it back. */
static void release(struct vr_libvirt *l) {
  bool last = --l->references == 0;
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
  if (!last)
    return;
  pthread_mutex_destroy(&l->lock);
  pthread_cond_destroy(&l->changed);
  free(l->domains.v);
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
  /* An abandoned thread comes too late. */
  if (l->worker == w->number) {
    l->answered = question;
    l->late = false;
    if (known) {
      vr_libvirt_domains_swap(&l->domains, &w->domains);
      l->age = 0;
    }
    pthread_cond_broadcast(&l->changed);
  }
  pthread_mutex_unlock(&l->lock);
}

static void ask_daemon(struct worker *w, unsigned question) {
  virDomainStatsRecordPtr *records = NULL;
  int n = vr_libvirt_client_call(&w->client, &records);
  if (n < 0) {
    give_answer(w, question, false);
    return;
  }
  take_records(w, records, n);
  give_answer(w, question, true);
  describe_and_order(w, records, n);
  w->client.library.virDomainStatsRecordListFree(records);
}

static void *run(void *ctx) {
  struct worker *w = ctx;
  struct vr_libvirt *l = w->l;
  unsigned question;
  pthread_setname_np(pthread_self(), "vmrecon-libvirt");
  bool there = vr_libvirt_library_load(l->library, &w->client.library);
  while (there && await_question(w, &question))
    ask_daemon(w, question);
  vr_libvirt_client_close(&w->client);
  pthread_mutex_lock(&l->lock);
  if (!there)
    l->absent = true;
  if (l->worker != w->number)
    l->abandoned--;
  free(w->domains.v);
  free(w);
  release(l);
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
  w->client = (struct vr_libvirt_client){
      .uri = l->uri, .balloon = l->balloon, .trouble = &l->trouble};
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
  l->longest = LONGEST_CALL;
  l->references = 1;
  l->age = UINT32_MAX / 2; /* never yet */
  vr_patience_init(&l->changed);
  pthread_mutex_init(&l->lock, NULL);
  pthread_mutex_lock(&l->lock);
  int r = start_worker(l);
  if (r < 0) {
    release(l);
    return r;
  }
  pthread_mutex_unlock(&l->lock);
  *ret = l;
  return 0;
}

void vr_libvirt_free(struct vr_libvirt *l) {
  if (!l)
    return;
  const struct timespec until = vr_patience_ends_in(FREE_MS);
  pthread_mutex_lock(&l->lock);
  l->ended = true;
  pthread_cond_broadcast(&l->changed);
  while (l->references > 1 &&
         pthread_cond_timedwait(&l->changed, &l->lock, &until) == 0)
    ;
  release(l);
}

/* --- questions --- */

/* The call that hangs is abandoned to its thread, and another thread asks. */
static void abandon_worker(struct vr_libvirt *l) {
  if (l->abandoned >= ABANDONED_MAX)
    return;
  l->worker++;
  l->abandoned++;
  if (start_worker(l) < 0) {
    l->worker--;
    l->abandoned--;
    return;
  }
  l->longest *= 2;
  l->since = 0;
  vr_libvirt_client_complain(&l->trouble,
                             "a call to its daemon has not returned");
}

void vr_libvirt_ask(struct vr_libvirt *l) {
  pthread_mutex_lock(&l->lock);
  l->age++;
  l->since++;
  if (l->asked == l->answered) {
    l->asked++;
    l->since = 0;
    if (l->abandoned == 0)
      l->longest = LONGEST_CALL;
  } else if (l->since >= l->longest && !l->absent) {
    abandon_worker(l);
  }
  pthread_cond_broadcast(&l->changed);
  pthread_mutex_unlock(&l->lock);
}

bool vr_libvirt_await(struct vr_libvirt *l, int ms) {
  const struct timespec until = vr_patience_ends_in(ms > 0 ? ms : 0);
  pthread_mutex_lock(&l->lock);
  while (l->asked != l->answered && !l->late && !l->absent)
    if (pthread_cond_timedwait(&l->changed, &l->lock, &until) != 0)
      l->late = l->asked != l->answered;
  bool there = l->asked == l->answered;
  pthread_mutex_unlock(&l->lock);
  return there;
}

void vr_libvirt_sample(struct vr_libvirt *l, const char *name, const char *uuid,
                       struct vr_qmp_report *ret) {
  ret->have_block = ret->have_balloon = ret->have_kvm = false;
  ret->have_memory = false;
  ret->os = VR_OS_UNKNOWN;
  ret->labels = (struct vr_labels){"", ""};
  ret->state = VR_VMSTATE_UNKNOWN;
  pthread_mutex_lock(&l->lock);
  const struct vr_libvirt_domain *d =
      l->age <= 1 ? vr_libvirt_domains_find(&l->domains, uuid) : NULL;
  if (d && strcmp(d->name, name) == 0) {
    ret->have_block = d->have_block;
    ret->disks = d->disks;
    ret->balloon_period = period_of(l, d);
    ret->balloon_updated = d->updated;
    ret->have_balloon = d->have_balloon && vr_qmp_balloon_is_fresh(
                                               d->updated, ret->balloon_period);
    ret->balloon = d->balloon;
    ret->os = d->os;
    ret->labels = d->labels;
    ret->state = vr_vmstate_of_libvirt(d->state, d->reason);
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

void vr_libvirt_sample(struct vr_libvirt *l, const char *name, const char *uuid,
                       struct vr_qmp_report *ret) {
  (void)l;
  (void)name;
  (void)uuid;
  ret->have_block = ret->have_balloon = ret->have_kvm = false;
  ret->have_memory = false;
  ret->os = VR_OS_UNKNOWN;
  ret->labels = (struct vr_labels){"", ""};
  ret->state = VR_VMSTATE_UNKNOWN;
}

unsigned vr_libvirt_threads(struct vr_libvirt *l) {
  (void)l;
  return 0;
}

#endif
