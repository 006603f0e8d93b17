/* SPDX-License-Identifier: MIT
 *
 * Whether a guest's clock goes on: life of a guest, seen by its ticks.
 */
#include "../unit.h"

#include "introspect/kernel_clock.h"

#define S 1000000000ull
#define MS 1000000ull
#define BOOT (500 * S) /* host's clock when the guest booted */

/* Ticks of 4 ms: jiffies and the time of the last tick at the guest's T. */
static enum vr_clock_verdict at(struct vr_clock *c, uint64_t host,
                                uint64_t guest, uint64_t *now) {
  uint64_t tick = guest / (4 * MS) * (4 * MS);
  return vr_kernel_clock_observe(c, host, 4294892296u + tick / (4 * MS), tick,
                                 now);
}

static void runs(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 10 * S, 10 * S, &now);
  for (unsigned i = 1; i < 100; i++) {
    uint64_t t = (10 + 10 * i) * S + 7 * i * MS / 3;
    assert_int_equal(at(&c, BOOT + t, t, &now), VR_CLOCK_RUNS);
    /* Never late by more than a tick, never early. */
    assert_in_range(now, t - 4 * MS, t);
  }
}

/* An idle kernel leaves out ticks for 2 s: still alive, and the time is known.
 */
static void idle_kernel(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 10 * S, 10 * S, &now);
  assert_int_equal(at(&c, BOOT + 11 * S, 11 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(at(&c, BOOT + 12 * S, 11 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(now, 12 * S);
  assert_int_equal(at(&c, BOOT + 13 * S, 11 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(at(&c, BOOT + 14 * S, 14 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(now, 14 * S);
}

static void pause_is_noticed(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now = 1;
  at(&c, BOOT + 10 * S, 10 * S, &now);
  assert_int_equal(at(&c, BOOT + 20 * S, 20 * S, &now), VR_CLOCK_RUNS);
  /* Paused at 25 s: withheld from the next reading on. */
  assert_int_equal(at(&c, BOOT + 30 * S, 25 * S, &now), VR_CLOCK_RESTS);
  assert_int_equal(now, 0);
  assert_int_equal(at(&c, BOOT + 40 * S, 25 * S, &now), VR_CLOCK_RESTS);
  /* Runs again from 45 s on, 20 s behind: one interval in part, one whole. */
  assert_int_equal(at(&c, BOOT + 50 * S, 30 * S, &now), VR_CLOCK_RESTS);
  assert_int_equal(at(&c, BOOT + 60 * S, 40 * S, &now), VR_CLOCK_RESTED);
  assert_int_equal(at(&c, BOOT + 70 * S, 50 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(now, 50 * S);
}

static void long_pause_ends_it(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 10 * S, 10 * S, &now);
  assert_int_equal(at(&c, BOOT + 20 * S, 20 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(at(&c, BOOT + 50 * S, 20 * S, &now), VR_CLOCK_RESTS);
  assert_int_equal(at(&c, BOOT + 51 * S, 20 * S, &now), VR_CLOCK_GONE);
}

static void reboot_is_noticed(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 100 * S, 100 * S, &now);
  assert_int_equal(at(&c, BOOT + 110 * S, 110 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(at(&c, BOOT + 120 * S, 4 * S, &now), VR_CLOCK_BACKWARDS);
}

/* Found, but never seen to go on: a dead image, or a paused guest. */
static void dead_image(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 100 * S, 100 * S, &now);
  assert_int_equal(at(&c, BOOT + 100 * S + MS, 100 * S, &now), VR_CLOCK_RESTS);
  assert_int_equal(at(&c, BOOT + 120 * S, 100 * S, &now), VR_CLOCK_RESTS);
  assert_int_equal(at(&c, BOOT + 131 * S, 100 * S, &now), VR_CLOCK_GONE);
}

/* A kernel that runs ahead of the host is not believed at once. */
static void jump(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now;
  at(&c, BOOT + 10 * S, 10 * S, &now);
  assert_int_equal(at(&c, BOOT + 20 * S, 20 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(at(&c, BOOT + 30 * S, 3000 * S, &now), VR_CLOCK_RESTED);
  assert_int_equal(at(&c, BOOT + 40 * S, 3010 * S, &now), VR_CLOCK_RUNS);
  assert_int_equal(now, 3010 * S);
}

/* Without the tick's time there is no guest clock, only whether it goes on. */
static void ticks_without_time(void **state) {
  (void)state;
  struct vr_clock c = {0};
  uint64_t now = 1;
  vr_kernel_clock_observe(&c, BOOT, 1000, 0, &now);
  assert_int_equal(vr_kernel_clock_observe(&c, BOOT + S, 1250, 0, &now),
                   VR_CLOCK_RUNS);
  assert_int_equal(now, 0);
  assert_int_equal(vr_kernel_clock_observe(&c, BOOT + 2 * S, 1250, 0, &now),
                   VR_CLOCK_RESTS);
  assert_int_equal(vr_kernel_clock_observe(&c, BOOT + 3 * S, 1500, 0, &now),
                   VR_CLOCK_RUNS);
  assert_int_equal(vr_kernel_clock_observe(&c, BOOT + 4 * S, 10, 0, &now),
                   VR_CLOCK_BACKWARDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs),
      cmocka_unit_test(idle_kernel),
      cmocka_unit_test(pause_is_noticed),
      cmocka_unit_test(long_pause_ends_it),
      cmocka_unit_test(reboot_is_noticed),
      cmocka_unit_test(dead_image),
      cmocka_unit_test(jump),
      cmocka_unit_test(ticks_without_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
