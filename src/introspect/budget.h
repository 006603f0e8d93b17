/* SPDX-License-Identifier: MIT
 *
 * What a search may cost. A guest's memory holds whatever the guest wants it to
 * hold, so every loop over it asks here before it goes on.
 */
#ifndef VR_INTROSPECT_BUDGET_H
#define VR_INTROSPECT_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Below the 2 s that a search may take: what cannot be interrupted, above all
 * parsing type information of the largest size, takes up to a quarter of a
 * second more. */
#define VR_BUDGET_CPU_NS 1500000000ull
/* Pages may have to come back from swap: so much time for each of CPU. */
#define VR_BUDGET_WALL_FACTOR 20
#define VR_BUDGET_WAIT_NS 3000000000ull

struct vr_budget {
  uint64_t cpu_begin_ns; /* the thread's CPU clock when the search began */
  uint64_t cpu_limit_ns; /* CPU time that it may take */
  uint64_t wall_end_ns;  /* CLOCK_MONOTONIC, not after */
  uint64_t waited_ns;    /* time slept until a kernel's clock went on */
  uint64_t bytes_read;   /* of the guest's memory */
  unsigned work;         /* calls since the clock was last asked */
  bool spent;
  const atomic_bool *cancelled; /* by another thread; NULL: never */
};

static inline uint64_t vr_clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint64_t vr_budget_used_ns(const struct vr_budget *b) {
  return vr_clock_ns(CLOCK_THREAD_CPUTIME_ID) - b->cpu_begin_ns;
}

static inline struct vr_budget vr_budget_begin(uint64_t cpu_limit_ns) {
  return (struct vr_budget){
      .cpu_begin_ns = vr_clock_ns(CLOCK_THREAD_CPUTIME_ID),
      .cpu_limit_ns = cpu_limit_ns,
      .wall_end_ns =
          vr_clock_ns(CLOCK_MONOTONIC) + VR_BUDGET_WALL_FACTOR * cpu_limit_ns,
  };
}

static inline bool vr_budget_cancelled(const struct vr_budget *b) {
  return b->cancelled && atomic_load(b->cancelled);
}

/* True from the moment on when the time is used up. */
static inline bool vr_budget_spent(struct vr_budget *b) {
  if (!b->spent)
    b->spent = vr_budget_cancelled(b) ||
               vr_budget_used_ns(b) > b->cpu_limit_ns ||
               vr_clock_ns(CLOCK_MONOTONIC) > b->wall_end_ns;
  return b->spent;
}

/* The same for inner loops: asks the clock only every 4096 calls. */
static inline bool vr_budget_tick(struct vr_budget *b) {
  return ++b->work % 4096 == 0 ? vr_budget_spent(b) : b->spent;
}

#endif
