/* SPDX-License-Identifier: MIT
 *
 * Inputs beyond what a model was trained on: what is withheld when, and what
 * the operator is told.
 */
#include "stream.h"

#include "model/range.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the share, by hand --- */

/* 0.05^(1/10) = 0.7411 is left by each tick: one tick outside makes 0.259 of
 * the memory, two 0.451, three 0.593. */
static void the_third_tick_outside_is_one_too_many(void **state) {
  (void)state;
  struct vr_range_state e = {0};
  double decay = vr_range_decay(0);
  const double shares[] = {0.2588656, 0.4507196, 0.5929091};
  for (int t = 0; t < 3; t++) {
    vr_range_step(&e, decay, true);
    assert_true(fabs(e.fraction - shares[t]) < 1e-6);
    assert_int_equal(e.out, t == 2);
  }
}

static void ten_ticks_inside_bring_it_back(void **state) {
  (void)state;
  struct vr_range_state e;
  vr_range_start(&e, true);
  double decay = vr_range_decay(3);
  vr_range_step(&e, decay, true);
  for (int t = 1; t <= 11; t++) {
    vr_range_step(&e, decay, false);
    if (t != 10) /* then it is a twentieth exactly, but for rounding */
      assert_int_equal(e.out, t < 10);
  }
}

/* A model that remembers a hundred ticks: 0.05^(n/100) = 1/2 for n = 23.1. */
static void a_long_memory_takes_longer(void **state) {
  (void)state;
  struct vr_range_state e = {0};
  double decay = vr_range_decay(100);
  for (int t = 1; t <= 30; t++) {
    vr_range_step(&e, decay, true);
    assert_int_equal(e.out, t >= 24);
  }
}

/* However the input comes and goes, the answer changes no more often than once
 * in the model's memory. */
static void it_does_not_flap(void **state) {
  (void)state;
  double decay = vr_range_decay(0);
  for (int period = 2; period <= 40; period++) {
    struct vr_range_state e = {0};
    int changed = 0;
    for (int t = 0; t < 1000; t++) {
      bool before = e.out;
      vr_range_step(&e, decay, t % period < period / 2);
      changed += e.out != before;
    }
    /* Out takes 3 ticks and back 10, as long as which none of these faster ones
     * ever stays inside. */
    assert_true(changed <= 2 * 1000 / 13 + 1);
    if (period - period / 2 < 10)
      assert_true(changed <= 1);
  }
}

/* --- in the stream --- */

#define RANGED(rest)                                                           \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"range\":[0,2]," rest        \
                               "\"b\":[1]}],\"a\":[1,-0.5]}"

static struct vr_notice told[16];
static size_t n_told;

static void be_told(void *user, const struct vr_notice *notice) {
  (void)user;
  assert_true(n_told < 16);
  told[n_told++] = *notice;
}

/* One second per second up to 10, three up to END, then one again. */
static double excursion(double t, double end) {
  double outside = t < 10 ? 0 : t < end ? t - 10 : end - 10;
  return 1e9 * (t + 2 * outside);
}

static struct vr_live *start_ranged(const char *models, double notify_after) {
  struct vr_live_options o = vr_live_defaults();
  o.model_series = true;
  o.notify_after = vr_signal_time_of_seconds(notify_after);
  n_told = 0;
  return start_with(o, models);
}

static void feed_excursion(struct vr_live *r, int from, int to, double end) {
  for (int t = from; t < to; t++)
    feed(r, RUN, t, 1, VR_DERIVE, excursion(t, end));
}

/* What the model says with its input held at 2: from 2, to 4 and back. */
static double expected_clamped(int t, int end) {
  double y = 2;
  for (int k = 11; k <= t; k++)
    y = 0.5 * y + (k <= end ? 2 : 1);
  return y;
}

static void a_moment_outside_is_held_at_the_edge(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 60);
  feed_excursion(r, 0, 40, 12);
  for (int t = 3; t < 38; t++)
    assert_near(value_at(t, VR_PROCESSES), expected_clamped(t, 12));
  /* but for as long as more than a twentieth of it is from outside no fit is
   * claimed: 0.451 * 0.7411^n < 0.05 for n = 8 */
  for (int t = 8; t < 38; t++)
    assert_int_equal(
        isnan(answer_at(t, VR_PROCESSES)->counters[VR_PROCESSES].fit),
        t > 10 && t < 20);
  vr_live_free(r);
}

static void longer_is_withheld_until_it_is_forgotten(void **state) {
  (void)state;
  struct vr_live *r =
      start_ranged(RANGED("") "," DIRECT("cpu", "derive-vcpu_run:value"), 60);
  feed_excursion(r, 0, 60, 30);
  for (int t = 3; t < 58; t++) {
    const struct vr_answer *a = answer_at(t, VR_PROCESSES);
    assert_non_null(a); /* it is said that nothing can be said */
    const struct vr_counter_answer *c = &a->counters[VR_PROCESSES];
    if (t >= 13 && t < 40) {
      assert_true(isnan(c->value));
      assert_true(isnan(c->fit));
    } else {
      assert_near(c->value, expected_clamped(t, 30));
    }
    /* Whoever looks at models sees what it says all the same. */
    assert_near(a->models[VR_PROCESSES].value, expected_clamped(t, 30));
    /* A measurement knows no range. */
    assert_true(isfinite(a->counters[VR_CPU].value));
  }
  vr_live_free(r);
}

static void a_start_outside_is_withheld_at_once(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 60);
  for (int t = 0; t < 20; t++)
    feed(r, RUN, t, 1, VR_DERIVE, 5e9 * t);
  for (int t = 2; t < 19; t++)
    assert_true(isnan(value_at(t, VR_PROCESSES)));
  assert_non_null(answer_at(10, VR_PROCESSES));
  vr_live_free(r);
}

static void a_measurement_with_a_range_is_not_withheld(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(
      "{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":\"static\","
      "\"inputs\":[{\"signals\":[" OURS("memory-rss:value") "],\"range\":[0,2],"
                                                            "\"b\":[1]}]}",
      60);
  for (int t = 0; t < 40; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 5);
  assert_near(value_at(35, VR_CPU), 2);
  vr_live_free(r);
}

#define SWITCHES                                                               \
  "{\"counter\":\"contextswitch\",\"provenance\":\"inferred\",\"structure\":"  \
  "\"fir\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "memory-rss:value") "],\"range\":[0,20],\"b\":[1]}]}"

/* The total of a rate goes on where it was, at the rate that is known again. */
static void a_withheld_rate_does_not_count(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(SWITCHES, 60);
  for (int t = 0; t < 60; t++)
    feed(r, RSS, t, 1, VR_GAUGE, t >= 10 && t < 30 ? 1000 : 10);
  int64_t before =
              answer_at(9, VR_CONTEXTSWITCH)->counters[VR_CONTEXTSWITCH].total,
          after =
              answer_at(50, VR_CONTEXTSWITCH)->counters[VR_CONTEXTSWITCH].total;
  assert_true(isnan(value_at(20, VR_CONTEXTSWITCH)));
  /* At the edge for 2 ticks at the most, 10 a second otherwise. */
  assert_true(after - before >= 10 * 41 && after - before <= 10 * 41 + 2 * 10);
  vr_live_free(r);
}

/* --- notices --- */

static void it_is_told_once_and_once_when_it_is_over(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 20);
  feed_excursion(r, 0, 30, 100); /* withheld from 13 on */
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 0);
  feed_excursion(r, 30, 100, 100);
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 1);
  assert_true(told[0].raised);
  assert_int_equal(told[0].kind, VR_NOTICE_RANGE);
  assert_true(told[0].time >= at(33) && told[0].time <= at(35));
  assert_string_equal(told[0].host, "h");
  assert_string_equal(told[0].guest, "g");
  assert_string_equal(
      told[0].message,
      "guest g on h: its models are out of their training range; withheld: "
      "processes; %{host}/vmrecon-%{guest}/derive-vcpu_run:value is 3, "
      "training range 0 to 2");
  /* Inside from 101 on, published from 110 on, told of 20 s later. */
  feed_excursion(r, 100, 125, 100);
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 1);
  feed_excursion(r, 125, 200, 100);
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 2);
  assert_false(told[1].raised);
  assert_string_equal(
      told[1].message,
      "guest g on h: its models are back in their training range");
  vr_live_free(r);
}

static void a_short_excursion_is_not_told(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 60);
  feed_excursion(r, 0, 200, 40);
  assert_true(isnan(value_at(39, VR_PROCESSES)));
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 0);
  vr_live_free(r);
}

static void what_was_told_survives_a_restart(void **state) {
  (void)state;
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  struct vr_live *r = start_ranged(RANGED(""), 20);
  feed_excursion(r, 0, 100, 1000);
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);

  r = start_ranged(RANGED(""), 20);
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_excursion(r, 105, 150, 1000);
  for (int t = 108; t < 148; t++)
    assert_true(isnan(value_at(t, VR_PROCESSES)));
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 0); /* it was told before */
  for (int t = 150; t < 200; t++)
    feed(r, RUN, t, 1, VR_DERIVE, excursion(150, 1000) + 1e9 * (t - 150));
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 1);
  assert_false(told[0].raised);
  vr_live_free(r);
  unlink(path);
}

static void a_guest_that_goes_ends_what_was_told_of_it(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 20);
  feed_excursion(r, 0, 100, 1000);
  for (int i = 0; i < 61; i++)
    vr_live_sweep(r);
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 2);
  assert_false(told[1].raised);
  assert_string_equal(told[1].guest, "g");
  vr_live_free(r);
}

static void who_stands_aside_tells_nothing(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 20);
  for (int t = 0; t < 100; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, excursion(t, 1000));
    vr_live_standby(r, "h", "g", at(t), VR_SECOND);
  }
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 0);
  vr_live_free(r);
}

/* Who steps aside knows no better than before: what was told stays told. */
static void who_stands_aside_takes_nothing_back(void **state) {
  (void)state;
  struct vr_live *r = start_ranged(RANGED(""), 20);
  for (int t = 0; t < 400; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, excursion(t, 300));
    if (t > 100 && t < 200)
      vr_live_standby(r, "h", "g", at(t), VR_SECOND);
  }
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 2);
  assert_true(told[0].raised && told[0].time < at(100));
  /* Inside from 301 on, published from 310 on, told of 20 s later. */
  assert_true(!told[1].raised && told[1].time > at(320));
  vr_live_free(r);
}

static void the_queue_is_bounded(void **state) {
  (void)state;
  log_text[0] = '\0';
  vr_log_set(receive_log);
  struct vr_notices *q = vr_live_notices_new();
  struct vr_notice n = {.kind = VR_NOTICE_RANGE};
  for (int i = 0; i < 20000; i++)
    vr_live_notices_add(q, &n);
  assert_string_equal(
      log_text, "10000 notifications are waiting: further ones are dropped "
                "until they are sent\n");
  vr_live_notices_free(q);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_third_tick_outside_is_one_too_many),
      cmocka_unit_test(ten_ticks_inside_bring_it_back),
      cmocka_unit_test(a_long_memory_takes_longer),
      cmocka_unit_test(it_does_not_flap),
      cmocka_unit_test(a_moment_outside_is_held_at_the_edge),
      cmocka_unit_test(longer_is_withheld_until_it_is_forgotten),
      cmocka_unit_test(a_start_outside_is_withheld_at_once),
      cmocka_unit_test(a_measurement_with_a_range_is_not_withheld),
      cmocka_unit_test(a_withheld_rate_does_not_count),
      cmocka_unit_test(it_is_told_once_and_once_when_it_is_over),
      cmocka_unit_test(a_short_excursion_is_not_told),
      cmocka_unit_test(what_was_told_survives_a_restart),
      cmocka_unit_test(a_guest_that_goes_ends_what_was_told_of_it),
      cmocka_unit_test(who_stands_aside_tells_nothing),
      cmocka_unit_test(who_stands_aside_takes_nothing_back),
      cmocka_unit_test(the_queue_is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
