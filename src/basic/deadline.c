/* SPDX-License-Identifier: MIT */
#include "basic/deadline.h"

#include "basic/patience.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct vr_deadline_call {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int (*fn)(void *ctx);
  void *ctx;
  int result;
  bool returned;
  bool late; /* it is counted among those that were left behind */
  void (*release)(void *ctx);
  bool left; /* nobody holds on to it: its thread frees it */
};

static atomic_int left_behind;

static void call_free(struct vr_deadline_call *c) {
  pthread_mutex_destroy(&c->lock);
  pthread_cond_destroy(&c->changed);
  free(c);
}

static void *run(void *arg) {
  struct vr_deadline_call *c = arg;
  int result = c->fn(c->ctx);
  pthread_mutex_lock(&c->lock);
  c->result = result;
  c->returned = true;
  if (c->late)
    atomic_fetch_sub(&left_behind, 1);
  bool left = c->left;
  pthread_cond_signal(&c->changed);
  pthread_mutex_unlock(&c->lock);
  if (left) {
    c->release(c->ctx);
    call_free(c);
  }
  return NULL;
}

/* Signals are for the program's other threads. */
static int start(struct vr_deadline_call *c) {
  sigset_t all, before;
  pthread_t thread;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int r = pthread_create(&thread, NULL, run, c);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (r == 0)
    pthread_detach(thread);
  return -r;
}

static struct vr_deadline_call *call_new(int (*fn)(void *ctx), void *ctx) {
  struct vr_deadline_call *c = calloc(1, sizeof(*c));
  if (!c)
    return NULL;
  c->fn = fn;
  c->ctx = ctx;
  vr_patience_init(&c->changed);
  pthread_mutex_init(&c->lock, NULL);
  return c;
}

/* Whether it returns in time. */
static bool await(struct vr_deadline_call *c, unsigned ms) {
  const struct timespec until = vr_patience_ends_in(ms);
  pthread_mutex_lock(&c->lock);
  while (!c->returned &&
         pthread_cond_timedwait(&c->changed, &c->lock, &until) == 0)
    ;
  bool returned = c->returned;
  if (!returned && !c->late) {
    c->late = true;
    atomic_fetch_add(&left_behind, 1);
  }
  pthread_mutex_unlock(&c->lock);
  return returned;
}

bool vr_deadline_hangs(struct vr_deadline_call **call) {
  if (*call && !await(*call, 0))
    return true;
  if (*call)
    call_free(*call);
  *call = NULL;
  return false;
}

int vr_deadline_run(struct vr_deadline_call **call, int (*fn)(void *ctx),
                    void *ctx, unsigned ms, int *ret_result) {
  if (vr_deadline_hangs(call))
    return -EBUSY;
  if (atomic_load(&left_behind) >= VR_DEADLINE_LEFT_MAX)
    return -EBUSY;
  struct vr_deadline_call *c = call_new(fn, ctx);
  int r = c ? start(c) : -ENOMEM;
  if (r < 0) {
    if (c)
      call_free(c);
    return r;
  }
  if (!await(c, ms)) {
    *call = c;
    return -ETIMEDOUT;
  }
  *ret_result = c->result;
  call_free(c);
  return 0;
}

void vr_deadline_leave(struct vr_deadline_call **call,
                       void (*release)(void *ctx), void *ctx) {
  struct vr_deadline_call *c = *call;
  *call = NULL;
  if (!c) {
    release(ctx);
    return;
  }
  pthread_mutex_lock(&c->lock);
  bool returned = c->returned;
  c->release = release;
  c->left = true;
  pthread_mutex_unlock(&c->lock);
  if (!returned)
    return;
  release(c->ctx);
  call_free(c);
}
