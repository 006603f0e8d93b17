/* SPDX-License-Identifier: MIT */
#include "introspect/kernel_clock.h"

/* The guest's clock may be this much ahead of what was expected: the kernel may
 * have rested when it was read before. */
#define MAX_AHEAD_NS 5000000000ll

static int64_t best_shift(const struct vr_clock *c) {
  unsigned n = c->n_shifts < VR_CLOCK_SHIFTS ? c->n_shifts : VR_CLOCK_SHIFTS;
  int64_t best = c->shifts[0];
  for (unsigned i = 1; i < n; i++)
    if (c->shifts[i] > best)
      best = c->shifts[i];
  return best;
}

static void forget_shifts(struct vr_clock *c) { c->n_shifts = 0; }

static void add_shift(struct vr_clock *c, int64_t shift) {
  c->shifts[c->n_shifts++ % VR_CLOCK_SHIFTS] = shift;
}

/* Has it run at the host's pace since the last observation? */
static bool keeps_pace(const struct vr_clock *c, uint64_t host, uint64_t tick) {
  uint64_t elapsed = host - c->host;
  return elapsed > 0 && tick - c->tick >= elapsed / 5 * 4;
}

static enum vr_clock_verdict rests(const struct vr_clock *c, uint64_t host) {
  return host - c->moved_host > VR_CLOCK_GIVE_UP_NS ? VR_CLOCK_GONE
                                                    : VR_CLOCK_RESTS;
}

/* Without the time of the last tick, only its number can be watched. */
static enum vr_clock_verdict by_jiffies(const struct vr_clock *c, bool moved,
                                        uint64_t host) {
  return moved ? VR_CLOCK_RUNS : rests(c, host);
}

static enum vr_clock_verdict by_ticks(struct vr_clock *c, uint64_t host,
                                      uint64_t tick, uint64_t *ret_now) {
  int64_t shift = (int64_t)(tick - host);
  bool pace = keeps_pace(c, host, tick);
  if (c->n_shifts && shift > best_shift(c) + MAX_AHEAD_NS) {
    forget_shifts(c);
    add_shift(c, shift);
    return VR_CLOCK_RESTED;
  }
  add_shift(c, shift);
  uint64_t now = host + (uint64_t)best_shift(c);
  if (now - tick > VR_CLOCK_MAX_REST_NS) {
    if (!pace)
      return rests(c, host);
    forget_shifts(c);
    add_shift(c, shift);
    return VR_CLOCK_RESTED;
  }
  *ret_now = now;
  return c->proved ? VR_CLOCK_RUNS : rests(c, host);
}

enum vr_clock_verdict vr_kernel_clock_observe(struct vr_clock *c, uint64_t host,
                                              uint64_t jiffies, uint64_t tick,
                                              uint64_t *ret_now) {
  if (c->started && (jiffies < c->jiffies || tick < c->tick))
    return VR_CLOCK_BACKWARDS;
  if (!c->started) {
    c->started = true;
    c->moved_host = c->host = host;
    c->jiffies = jiffies;
    c->tick = tick;
  }
  bool moved = jiffies != c->jiffies;
  c->proved = c->proved || moved;
  if (moved)
    c->moved_host = host;
  *ret_now = 0;
  enum vr_clock_verdict v =
      tick ? by_ticks(c, host, tick, ret_now) : by_jiffies(c, moved, host);
  c->host = host;
  c->jiffies = jiffies;
  c->tick = tick;
  return v;
}
