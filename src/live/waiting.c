/* SPDX-License-Identifier: MIT */
#include "live/waiting.h"

void vr_live_waiting_init(struct vr_waiting *w) {
  w->guests = NULL;
  pthread_mutex_init(&w->lock, NULL);
}

void vr_live_waiting_clear(struct vr_waiting *w) {
  vr_live_waiting_drop(w);
  pthread_mutex_destroy(&w->lock);
}

void vr_live_waiting_add(struct vr_waiting *w, struct vr_saved_guest *saved) {
  struct vr_saved_guest *other = NULL;
  pthread_mutex_lock(&w->lock);
  HASH_FIND(hh, w->guests, saved->key, saved->key_length, other);
  if (!other)
    HASH_ADD_KEYPTR(hh, w->guests, saved->key, saved->key_length, saved);
  pthread_mutex_unlock(&w->lock);
  if (other)
    vr_live_saved_guest_free(saved);
}

void vr_live_waiting_merge(struct vr_waiting *to, struct vr_waiting *from) {
  struct vr_saved_guest *s, *next;
  HASH_ITER(hh, from->guests, s, next) {
    HASH_DEL(from->guests, s);
    vr_live_waiting_add(to, s);
  }
}

struct vr_saved_guest *vr_live_waiting_take(struct vr_waiting *w,
                                            const char *key, size_t length) {
  struct vr_saved_guest *s = NULL;
  pthread_mutex_lock(&w->lock);
  HASH_FIND(hh, w->guests, key, length, s);
  if (s)
    HASH_DEL(w->guests, s);
  pthread_mutex_unlock(&w->lock);
  return s;
}

size_t vr_live_waiting_drop(struct vr_waiting *w) {
  struct vr_saved_guest *s, *next;
  pthread_mutex_lock(&w->lock);
  size_t n = HASH_COUNT(w->guests);
  HASH_ITER(hh, w->guests, s, next) {
    HASH_DEL(w->guests, s);
    vr_live_saved_guest_free(s);
  }
  pthread_mutex_unlock(&w->lock);
  return n;
}
