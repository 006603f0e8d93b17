/* SPDX-License-Identifier: MIT */
#include "outbox_own.h"

#include "outbox_arrival.h"
#include "outbox_series.h"

#include "collectd/core/utils/common/common.h"

#include "basic/log.h"

#include <inttypes.h>
#include <limits.h>
#include <utlist.h>

/* So many wait where one comes that may be left out. */
enum { MAX_BETWEEN = 20 };

/* How often what waits is looked at, mostly a write thread calls for it; and a
 * look may take this share of the time. */
#define POLL TIME_T_TO_CDTIME_T(1) / 50
enum { LOOKS_SHARE = 10 };
#define LONGEST_PAUSE TIME_T_TO_CDTIME_T(1) / 2

/* How long nothing waits until series are looked through. */
enum { FORGET_SECONDS = 600 };

/* More than this beyond POLL is no wait for a processor. */
#define LONGEST_DELAY TIME_T_TO_CDTIME_T(10)

static pthread_t sender;
static bool running;
static _Atomic uint64_t n_dropped;
static struct vr_complaint full;

/* --- sending --- */

/* As plugin_dispatch_values() would fill in and change it: the name is that
 * under which collectd will report it. */
static void complete(value_list_t *vl) {
  if (vl->host[0] == '\0')
    sstrncpy(vl->host, hostname_g, sizeof(vl->host));
  if (vl->time == 0)
    vl->time = cdtime();
  if (vl->interval <= 0)
    vl->interval = plugin_get_interval();
  escape_slashes(vl->host, sizeof(vl->host));
  escape_slashes(vl->plugin_instance, sizeof(vl->plugin_instance));
  escape_slashes(vl->type_instance, sizeof(vl->type_instance));
}

static void keep_back(struct vr_outbox_shard *s, struct vr_outbox_series *a,
                      const value_list_t *vl) {
  unsigned dropped = vr_outbox_keep(s, a, vl);
  if (dropped == 0)
    return;
  n_dropped += dropped;
  vr_log_complain(&full, LOG_WARNING,
                  "%u values of %s wait for collectd's write queue; the "
                  "oldest are dropped: a write plugin or a rule is slow, or "
                  "the processors are busy. Other series are not logged",
                  a->n_pending, a->name);
}

static void send_unless(const value_list_t *incomplete, unsigned most) {
  value_list_t vl = *incomplete;
  char name[VR_OUTBOX_NAME];
  complete(&vl);
  if (FORMAT_VL(name, sizeof(name), &vl) != 0)
    return;
  struct vr_outbox_shard *s;
  struct vr_outbox_series *a = vr_outbox_lock(name, &s);
  if (!a)
    a = vr_outbox_add(s, name);
  if (a && a->n_pending >= most)
    ; /* it is left out */
  else if (a && (a->n_pending > 0 || !vr_outbox_may_send(a)))
    keep_back(s, a, &vl);
  else if (a)
    vr_outbox_dispatch(a, &vl);
  else
    plugin_dispatch_values(&vl);
  pthread_mutex_unlock(&s->lock);
}

static void send_one(const value_list_t *vl) { send_unless(vl, UINT_MAX); }

static void send_between(const value_list_t *vl) {
  send_unless(vl, MAX_BETWEEN);
}

static uint64_t dropped(void) { return n_dropped; }

/* --- the thread --- */

static void send_waiting(struct vr_outbox_shard *s) {
  struct vr_outbox_series *a, *next;
  pthread_mutex_lock(&s->lock);
  DL_FOREACH_SAFE(s->waiting, a, next) { vr_outbox_send_next(s, a); }
  pthread_mutex_unlock(&s->lock);
}

/* What a thread waits for a processor here just now is seen by the way. */
static void sleep_for(cdtime_t time) {
  struct timespec pause = CDTIME_T_TO_TIMESPEC(time);
  cdtime_t begin = vr_outbox_now();
  nanosleep(&pause, NULL);
  cdtime_t slept = vr_outbox_now() - begin;
  cdtime_t beyond = slept > time ? slept - time : 0;
  atomic_store(&vr_outbox_delay, beyond < LONGEST_DELAY ? beyond : 0);
}

static bool is_empty(void) {
  struct vr_outbox_backlog *b = &vr_outbox_backlog;
  pthread_mutex_lock(&b->lock);
  bool empty = b->n == 0;
  pthread_mutex_unlock(&b->lock);
  return empty;
}

/* Returns how long the next pause is. */
static cdtime_t look(void) {
  cdtime_t begin = vr_outbox_now();
  for (int i = 0; i < VR_OUTBOX_SHARDS; i++)
    send_waiting(&vr_outbox_shards[i]);
  if (is_empty())
    vr_log_relieved(&full,
                    "collectd has taken all values that waited; since the "
                    "start %" PRIu64 " were dropped",
                    n_dropped);
  cdtime_t pause = LOOKS_SHARE * (vr_outbox_now() - begin);
  return pause < POLL ? POLL : pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
}

/* What waits, or 0 after a long time. *RET_STOP: it ends. */
static size_t wait_for_some(bool *ret_stop) {
  struct vr_outbox_backlog *b = &vr_outbox_backlog;
  struct timespec until =
      CDTIME_T_TO_TIMESPEC(cdtime() + TIME_T_TO_CDTIME_T(FORGET_SECONDS));
  int r = 0;
  pthread_mutex_lock(&b->lock);
  while (b->n == 0 && !b->stop && r == 0)
    r = pthread_cond_timedwait(&b->more, &b->lock, &until);
  size_t n = b->n;
  *ret_stop = b->stop;
  pthread_mutex_unlock(&b->lock);
  return n;
}

static void *deliver(void *unused) {
  cdtime_t pause = POLL;
  bool stop = false;
  while (!stop) {
    size_t n = wait_for_some(&stop);
    if (stop)
      break;
    if (n == 0)
      vr_outbox_forget_idle();
    else
      sleep_for(pause);
    pause = look();
  }
  return unused;
}

/* --- life --- */

static const struct vr_outbox_calls calls = {
    .size = sizeof(calls),
    .send = send_one,
    .send_between = send_between,
    .dropped = dropped,
    .note_turn = vr_outbox_arrival_turn,
    .note_stopped = vr_outbox_arrival_stopped,
};

int vr_outbox_own_begin(const struct vr_outbox_calls **ret_calls) {
  for (int i = 0; i < VR_OUTBOX_SHARDS; i++)
    pthread_mutex_init(&vr_outbox_shards[i].lock, NULL);
  vr_outbox_backlog.stop = false;
  int r = vr_outbox_arrival_begin();
  if (r == 0)
    r = -plugin_thread_create(&sender, deliver, NULL, "vmrecon send");
  running = r == 0;
  if (running)
    *ret_calls = &calls;
  return r;
}

void vr_outbox_own_end(void) {
  if (!running)
    return;
  pthread_mutex_lock(&vr_outbox_backlog.lock);
  vr_outbox_backlog.stop = true;
  pthread_cond_signal(&vr_outbox_backlog.more);
  pthread_mutex_unlock(&vr_outbox_backlog.lock);
  pthread_join(sender, NULL);
  running = false;
  for (int i = 0; i < VR_OUTBOX_SHARDS; i++) {
    vr_outbox_clear(&vr_outbox_shards[i]);
    pthread_mutex_destroy(&vr_outbox_shards[i].lock);
  }
}
