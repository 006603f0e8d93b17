/* SPDX-License-Identifier: MIT
 *
 * Signals of the host itself as inputs: they begin, stop, come back, change
 * their form and their clock while guests go on.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* 1 a byte of the guest's memory and 10 a process of the host's load. */
#define WITH_HOST_OF(step)                                                     \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"fir\",\"step\":" step "," FIT("50") "\"inputs\":[{\"signals\":[" OURS(    \
      "memory-rss:value") "],\"b\":[1]},{\"signals\":[\"%{host}/vmrecon/"      \
                          "load:shortterm\"],\"b\":[10]}]}"
#define WITH_HOST WITH_HOST_OF("1")
#define WITHOUT_HOST                                                           \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"fir\",\"step\":1," FIT("40") "\"inputs\":[{\"signals\":[" OURS(           \
      "memory-rss:value") "],\"b\":[7]}]}"
#define LOAD "h/vmrecon/load:shortterm"

static void a_signal_that_begins_late_is_used(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST);
  for (int t = 0; t < 60; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 5);
    if (t >= 20)
      feed(r, LOAD, t, 1, VR_GAUGE, 1);
  }
  assert_null(answer_at(15, VR_PROCESSES));
  for (int t = 25; t < 58; t++)
    assert_near(value_at(t, VR_PROCESSES), 15);
  vr_live_free(r);
}

static void one_that_stops_makes_room_for_the_second_choice(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST "," WITHOUT_HOST);
  for (int t = 0; t < 160; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 5);
    if (t < 50 || t >= 100)
      feed(r, LOAD, t, 1, VR_GAUGE, 1);
  }
  for (int t = 5; t < 48; t++)
    assert_near(value_at(t, VR_PROCESSES), 15);
  for (int t = 60; t < 99; t++)
    assert_near(value_at(t, VR_PROCESSES), 35);
  for (int t = 105; t < 158; t++) /* and is the first again when it is back */
    assert_near(value_at(t, VR_PROCESSES), 15);
  vr_live_free(r);
}

static void one_that_becomes_too_coarse_is_left(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST "," WITHOUT_HOST);
  for (int t = 0; t < 120; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 5);
    if (t < 40 || t % 10 == 0)
      feed(r, LOAD, t, t < 40 ? 1 : 10, VR_GAUGE, 1);
  }
  assert_near(value_at(38, VR_PROCESSES), 15);
  for (int t = 50; t < 118; t++)
    assert_near(value_at(t, VR_PROCESSES), 35);
  vr_live_free(r);
}

/* Load is 1 in the first half of each tick and 3 in the second. */
static void a_coarse_step_averages_all_of_them(void **state) {
  (void)state;
  static const struct {
    const char *models;
    int step;
  } cases[] = {{WITH_HOST_OF("60"), 60},
               {WITH_HOST_OF("100"), 100},
               {WITH_HOST_OF("300"), 300}};
  for (size_t i = 0; i < 3; i++) {
    int step = cases[i].step;
    struct vr_live *r = start(cases[i].models);
    for (int t = 0; t < 6 * step; t++) {
      vr_time second = at(t) / VR_SECOND - 1;
      feed(r, LOAD, t, 1, VR_GAUGE, second % step < step / 2 ? 1 : 3);
      feed(r, RSS, t, 1, VR_GAUGE, 5);
    }
    for (int t = 2 * step; t < 6 * step - 1; t++)
      assert_near(value_at(t, VR_PROCESSES), 25);
    vr_live_free(r);
  }
}

static void a_single_stray_time_does_no_harm(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST);
  for (int t = 0; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 5);
    feed(r, LOAD, t, 1, VR_GAUGE, 1);
    if (t == 20)
      feed(r, LOAD, -5000, 1, VR_GAUGE, 9);
  }
  for (int t = 5; t < 38; t++)
    assert_near(value_at(t, VR_PROCESSES), 15);
  vr_live_free(r);
}

static void a_clock_that_was_set_back_is_followed(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST);
  for (int t = 0; t < 80; t++) {
    int then = t < 40 ? t : t - 4000;
    feed(r, RSS, then, 1, VR_GAUGE, 5);
    feed(r, LOAD, then, 1, VR_GAUGE, t < 40 ? 1 : 2);
  }
  for (int t = 50; t < 78; t++)
    assert_near(value_at(t - 4000, VR_PROCESSES), 25);
  vr_live_free(r);
}

/* The host is there as long as a guest of it is. */
static void guests_come_and_go_on_it(void **state) {
  (void)state;
  struct vr_live *r = start(WITH_HOST);
  for (int round = 0; round < 2; round++) {
    for (int t = 200 * round; t < 200 * round + 40; t++) {
      feed(r, LOAD, t, 1, VR_GAUGE, 1 + round);
      feed(r, RSS, t, 1, VR_GAUGE, 5);
    }
    assert_near(value_at(200 * round + 30, VR_PROCESSES), 15 + 10 * round);
    for (int i = 0; i < 62; i++)
      vr_live_sweep(r);
    assert_int_equal(vr_live_stats(r).guests, 0);
  }
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_signal_that_begins_late_is_used),
      cmocka_unit_test(one_that_stops_makes_room_for_the_second_choice),
      cmocka_unit_test(one_that_becomes_too_coarse_is_left),
      cmocka_unit_test(a_coarse_step_averages_all_of_them),
      cmocka_unit_test(a_single_stray_time_does_no_harm),
      cmocka_unit_test(a_clock_that_was_set_back_is_followed),
      cmocka_unit_test(guests_come_and_go_on_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
