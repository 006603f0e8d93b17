/* SPDX-License-Identifier: MIT */
#include "live/notices.h"

#include "basic/log.h"

#include <pthread.h>
#include <stdlib.h>

/* Room for a host's worth of guests that change at once, many times over. */
enum { MAX_WAITING = 10000 };

struct waiting {
  struct vr_notice notice;
  struct waiting *next;
};

struct vr_notices {
  pthread_mutex_t lock;
  size_t n;
  struct waiting *first, **end;
  struct vr_complaint too_many;
};

bool vr_live_alarm_update(struct vr_alarm *a, bool condition, vr_time now,
                          vr_time after) {
  bool opposite = condition != a->raised;
  if (opposite && !a->opposite)
    a->since = now;
  a->opposite = opposite;
  if (!opposite || now - a->since < after)
    return false;
  a->raised = condition;
  a->opposite = false;
  return true;
}

struct vr_notices *vr_live_notices_new(void) {
  struct vr_notices *notices = calloc(1, sizeof(*notices));
  if (!notices)
    return NULL;
  notices->end = &notices->first;
  pthread_mutex_init(&notices->lock, NULL);
  return notices;
}

static void free_all(struct waiting *w) {
  while (w) {
    struct waiting *next = w->next;
    free(w);
    w = next;
  }
}

void vr_live_notices_free(struct vr_notices *notices) {
  if (!notices)
    return;
  free_all(notices->first);
  pthread_mutex_destroy(&notices->lock);
  free(notices);
}

void vr_live_notices_add(struct vr_notices *notices,
                         const struct vr_notice *notice) {
  struct waiting *w = malloc(sizeof(*w));
  if (!w)
    return;
  *w = (struct waiting){.notice = *notice};
  pthread_mutex_lock(&notices->lock);
  bool room = notices->n < MAX_WAITING;
  if (room) {
    *notices->end = w;
    notices->end = &w->next;
    notices->n++;
  }
  pthread_mutex_unlock(&notices->lock);
  if (room)
    return;
  free(w);
  vr_log_complain(
      &notices->too_many, LOG_WARNING,
      "%d notifications are waiting: further ones are dropped until they "
      "are sent",
      MAX_WAITING);
}

void vr_live_notices_take(struct vr_notices *notices, vr_notice_fn fn,
                          void *user) {
  pthread_mutex_lock(&notices->lock);
  struct waiting *first = notices->first;
  notices->first = NULL;
  notices->end = &notices->first;
  notices->n = 0;
  pthread_mutex_unlock(&notices->lock);
  for (const struct waiting *w = first; w; w = w->next)
    fn(user, &w->notice);
  if (first)
    vr_log_relieved(&notices->too_many, "notifications are sent again");
  free_all(first);
}
