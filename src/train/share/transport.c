/* SPDX-License-Identifier: MIT */
#include "train/share/transport.h"

#include "basic/log.h"

static const struct vr_transport *used;
static struct {
  vr_share_listener call;
  void *user;
} listeners[VR_SHARE_KINDS];
static _Thread_local bool in_round;

void vr_transport_use(const struct vr_transport *t) { used = t; }
const struct vr_transport *vr_transport_used(void) { return used; }
void vr_transport_begin_round(void) { in_round = true; }
void vr_transport_end_round(void) { in_round = false; }
bool vr_transport_is_in_round(void) { return in_round; }

void vr_transport_listen(enum vr_share_kind kind, vr_share_listener listener,
                         void *user) {
  listeners[kind].call = listener;
  listeners[kind].user = user;
}

void vr_transport_heard(enum vr_share_kind kind, long n, const char *text) {
  if (kind == VR_SHARE_LOG)
    vr_log((int)n, "%s", text);
  else if (listeners[kind].call)
    listeners[kind].call(listeners[kind].user, kind, n, text);
}

void vr_transport_note(struct vr_share_failure *f, size_t round, int code,
                       const struct vr_error *error) {
  if (f->code == 0 || round < f->round)
    *f = (struct vr_share_failure){round, code, *error};
}

unsigned vr_transport_start(unsigned n, void *(*start)(void *), void *user,
                            pthread_t threads[VR_SHARE_MAX_JOBS]) {
  unsigned k = 0;
  while (k < n && k < VR_SHARE_MAX_JOBS &&
         pthread_create(&threads[k], NULL, start, user) == 0)
    k++;
  return k;
}
