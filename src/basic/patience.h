/* SPDX-License-Identifier: MIT
 *
 * Waiting for a condition with a limit that changes of the clock do not move.
 */
#ifndef VR_BASIC_PATIENCE_H
#define VR_BASIC_PATIENCE_H

#include <pthread.h>
#include <time.h>

/* A condition whose timed waits go by CLOCK_MONOTONIC. */
void vr_patience_init(pthread_cond_t *ret);

/* The time on that clock in MS milliseconds. */
struct timespec vr_patience_ends_in(unsigned ms);

#endif
