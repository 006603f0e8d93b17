/* SPDX-License-Identifier: MIT
 *
 * Locks of tables that many read and few change. A writer that waits goes
 * first: neither new models nor a guest that comes or goes may starve under a
 * stream that never pauses.
 */
#ifndef VR_BASIC_LOCK_H
#define VR_BASIC_LOCK_H

#include <pthread.h>

static inline void vr_lock_init(pthread_rwlock_t *lock) {
  pthread_rwlockattr_t a;
  pthread_rwlockattr_init(&a);
  pthread_rwlockattr_setkind_np(&a,
                                PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init(lock, &a);
  pthread_rwlockattr_destroy(&a);
}

#endif
