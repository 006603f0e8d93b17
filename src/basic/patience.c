/* SPDX-License-Identifier: MIT */
#include "basic/patience.h"

void vr_patience_init(pthread_cond_t *ret) {
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(ret, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

struct timespec vr_patience_ends_in(unsigned ms) {
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
