/* SPDX-License-Identifier: MIT
 *
 * What carries a shared loop (share.h): threads of this process alone, or the
 * ranks of MPI (ranks.h).
 */
#ifndef VR_TRAIN_SHARE_TRANSPORT_H
#define VR_TRAIN_SHARE_TRANSPORT_H

#include "train/share/loop.h"

#include <pthread.h>

enum { VR_SHARE_MAX_JOBS = 64 };

/* Which round failed first. Zeroed: none. */
struct vr_share_failure {
  size_t round;
  int code;
  struct vr_error error;
};

/* Notes that ROUND failed with CODE below 0. */
void vr_transport_note(struct vr_share_failure *f, size_t round, int code,
                       const struct vr_error *error);

struct vr_transport {
  /* See vr_share_run(). */
  int (*run)(const struct vr_share_loop *l, unsigned jobs,
             struct vr_error *ret_error);
  int (*agree)(int value);
  int (*worst)(int value);
  void (*tell)(enum vr_share_kind kind, long n, const char *text);
  unsigned rank, ranks;
};

/* From now on T carries; it must stay. */
void vr_transport_use(const struct vr_transport *t);

/* What carries; NULL: threads of this process. */
const struct vr_transport *vr_transport_used(void);

/* Starts up to JOBS threads of START, into THREADS; how many there are. */
unsigned vr_transport_start(unsigned jobs, void *(*start)(void *), void *user,
                            pthread_t threads[VR_SHARE_MAX_JOBS]);

/* Begins and ends a round on this thread: a loop within it is its own. */
void vr_transport_begin_round(void);
void vr_transport_end_round(void);
bool vr_transport_is_in_round(void);

/* See vr_share_listen(). */
void vr_transport_listen(enum vr_share_kind kind, vr_share_listener listener,
                         void *user);

/* Hands on what another rank reported. */
void vr_transport_heard(enum vr_share_kind kind, long n, const char *text);

#endif
