/* SPDX-License-Identifier: MIT */
#include "train/share/share.h"

#include "train/share/transport.h"

#include <stdatomic.h>

static unsigned jobs = 1;

void vr_share_use_jobs(unsigned n) { jobs = n; }

bool vr_share_is_first(void) {
  const struct vr_transport *t = vr_transport_used();
  return !t || t->rank == 0;
}

int vr_share_agree(int value) {
  const struct vr_transport *t = vr_transport_used();
  return t ? t->agree(value) : value;
}

int vr_share_worst(int value) {
  const struct vr_transport *t = vr_transport_used();
  return t ? t->worst(value) : value;
}

bool vr_share_tell(enum vr_share_kind kind, long n, const char *text) {
  if (vr_share_is_first())
    return false;
  if (vr_transport_is_in_round())
    vr_transport_used()->tell(kind, n, text);
  return true;
}

void vr_share_listen(enum vr_share_kind kind, vr_share_listener listener,
                     void *user) {
  vr_transport_listen(kind, listener, user);
}

/* What the threads of one loop share. */
struct threads {
  const struct vr_share_loop *loop;
  atomic_size_t next;
  pthread_mutex_t lock;
  struct vr_share_failure failure;
};

static void *run_some(void *user) {
  struct threads *t = user;
  bool nested = vr_transport_is_in_round();
  struct vr_error error = {""};
  vr_transport_begin_round();
  for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->loop->n;) {
    int r = t->loop->run(t->loop->user, i, &error);
    if (r == 0)
      continue;
    pthread_mutex_lock(&t->lock);
    vr_transport_note(&t->failure, i, r, &error);
    pthread_mutex_unlock(&t->lock);
  }
  if (!nested)
    vr_transport_end_round();
  return NULL;
}

/* This thread is one of N. */
static int run_threads(const struct vr_share_loop *l, unsigned n,
                       struct vr_error *ret_error) {
  struct threads t = {.loop = l, .lock = PTHREAD_MUTEX_INITIALIZER};
  pthread_t threads[VR_SHARE_MAX_JOBS];
  unsigned others = l->n < n ? (unsigned)l->n : n;
  others =
      others > 1 ? vr_transport_start(others - 1, run_some, &t, threads) : 0;
  run_some(&t);
  while (others > 0)
    pthread_join(threads[--others], NULL);
  if (t.failure.code < 0)
    *ret_error = t.failure.error;
  return t.failure.code;
}

int vr_share_run(const struct vr_share_loop *l, struct vr_error *ret_error) {
  const struct vr_transport *t = vr_transport_used();
  if (vr_transport_is_in_round())
    return run_threads(l, 1, ret_error);
  return t && !l->is_here ? t->run(l, jobs, ret_error)
                          : run_threads(l, jobs, ret_error);
}
