/* SPDX-License-Identifier: MIT
 *
 * Time in seconds.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_CLOCK_H
#define VR_TOOLS_VMRECON_PLAY_CLOCK_H

#include <math.h>
#include <time.h>

static inline double vr_tools_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until CLOCK_MONOTONIC says so, or a signal comes. */
static inline void vr_tools_clock_wait(double until) {
  const struct timespec t = {
      .tv_sec = (time_t)floor(until),
      .tv_nsec = (long)((until - floor(until)) * 1e9),
  };
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

#endif
