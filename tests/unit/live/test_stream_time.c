/* SPDX-License-Identifier: MIT
 *
 * Time in the stream: order, jitter, other intervals, gaps, clocks that jump.
 */
#include "stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void answers_within_three_intervals_and_stops_at_once(void **state) {
  (void)state;
  for (double phase = 0.05; phase < 1; phase += 0.1) {
    struct vr_live *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
    for (int t = 0; t < 3; t++)
      feed(r, RUN, t + phase, 1, VR_DERIVE, run_time(t + phase));
    assert_true(heard.n >= 1);
    assert_true(isfinite(heard.answers[0].counters[VR_CPU].value));
    size_t n = heard.n;
    for (int t = 3; t < 20; t++)
      feed(r, "h/vmrecon-other/derive-vcpu_run:value", t + phase, 1, VR_DERIVE,
           run_time(t));
    for (size_t i = n; i < heard.n; i++)
      assert_string_equal(heard.guests[i], "other");
    vr_live_free(r);
  }
}

/* The counter is linear between its bends, so that any sampling that has a
 * sample at the bend gives the same ticks. */
static void jitter_does_not_matter(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  srand(5);
  for (int t = 0; t < 30; t++) {
    double jitter = t == 10 ? 0 : 0.4 * rand() / RAND_MAX - 0.2;
    feed(r, RUN, t + jitter, 1, VR_DERIVE, run_time(t + jitter));
  }
  for (int t = 3; t < 28; t++)
    assert_true(fabs(value_at(t, VR_PROCESSES) - expected_processes(t)) < 1e-8);
  vr_live_free(r);
}

static void a_finer_stream_is_averaged(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int k = 0; k < 300; k++)
    feed(r, RUN, k * 0.1, 0.1, VR_DERIVE, run_time(k * 0.1));
  for (int t = 3; t < 29; t++)
    assert_true(fabs(value_at(t, VR_PROCESSES) - expected_processes(t)) < 1e-7);
  vr_live_free(r);
}

static void a_coarser_stream_is_refused_and_said(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int k = 0; k < 30; k++)
    feed(r, RUN, k * 10, 10, VR_DERIVE, run_time(k * 10));
  assert_int_equal(heard.n, 0);
  assert_non_null(
      strstr(log_text, "processes (interval 10 s: models exist for 1 s)"));
  vr_live_free(r);
}

/* Two signals, each shuffled within three seconds: the answers must be those of
 * the ordered stream. */
static void order_does_not_matter(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.allowed_lateness = 6;
  struct vr_live *r =
      start_with(o, PROCESSES(FIT("50")) "," DIRECT("cpu", "memory-rss:value"));
  srand(7);
  int order[60];
  for (int t = 0; t < 60; t++)
    order[t] = t;
  for (int t = 2; t + 3 < 60; t += 3) /* the guest begins in order */
    for (int k = 0; k < 3; k++) {
      int j = rand() % 3, x = order[t + k];
      order[t + k] = order[t + j];
      order[t + j] = x;
    }
  for (int i = 0; i < 60; i++) {
    feed(r, RUN, order[i], 1, VR_DERIVE, run_time(order[i]));
    feed(r, RSS, order[i] + 0.5, 1, VR_GAUGE, 100 + order[i]);
  }
  for (int t = 3; t < 50; t++) {
    assert_near(value_at(t, VR_PROCESSES), expected_processes(t));
    assert_near(value_at(t, VR_CPU), 100 + t - 0.5);
  }
  /* and each tick was answered once, in order */
  for (size_t i = 1; i < heard.n; i++)
    assert_true(heard.answers[i].time == heard.answers[i - 1].time + VR_SECOND);
  vr_live_free(r);
}

static void two_lost_ticks_are_held_then_it_is_unknown(void **state) {
  (void)state;
  struct vr_live *r =
      start(PROCESSES(FIT("50")) "," DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 7);
    if (t < 20 || t >= 30)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_near(value_at(19, VR_PROCESSES), expected_processes(19));
  assert_near(value_at(20, VR_PROCESSES), expected_processes(20));
  assert_near(value_at(21, VR_PROCESSES), expected_processes(21));
  assert_true(isnan(value_at(22, VR_PROCESSES)));
  assert_non_null(answer_at(22, VR_PROCESSES)); /* and says so: NaN */
  for (int t = 25; t < 31; t++)
    assert_null(answer_at(t, VR_PROCESSES)); /* not available at all */
  assert_near(value_at(25, VR_CPU), 7);
  assert_near(value_at(38, VR_PROCESSES), 6); /* anew, at rest */
  vr_live_free(r);
}

static void a_clock_that_jumps_is_followed(void **state) {
  (void)state;
  static const double jumps[] = {86400, -86400};
  for (int k = 0; k < 2; k++) {
    struct vr_live *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
    for (int t = 0; t < 10; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    for (int t = 10; t < 30; t++)
      feed(r, RUN, t + jumps[k], 1, VR_DERIVE, run_time(t));
    assert_near(value_at(28 + jumps[k], VR_CPU), 3e9);
    assert_true(heard.n < 60); /* the time between is not filled */
    vr_live_free(r);
  }
}

/* A clock that is set back by less than what is taken for another time: no rate
 * may come of a counter that seems to be in two places at once, and the guest
 * is not silent for longer than it takes to see it. */
static void a_clock_that_is_set_back_a_little_is_followed(void **state) {
  (void)state;
  for (int back = 3; back <= 28; back += 5) {
    struct vr_live *r = start(DIRECT("cpu", "derive-vcpu_run:value") "," DIRECT(
        "net_rx", "memory-rss:value"));
    for (int t = 0; t < 100; t++) {
      int then = t < 50 ? t : t - back;
      feed(r, RUN, then, 1, VR_DERIVE, 1e9 * t);
      feed(r, RSS, then, 1, VR_GAUGE, 1);
    }
    unsigned n = 0;
    for (size_t i = 0; i < heard.n; i++) {
      const struct vr_counter_answer *rate = &heard.answers[i].counters[VR_CPU];
      if (!rate->present || isnan(rate->value))
        continue;
      assert_near(rate->value, 1e9);
      n++;
    }
    assert_true(n >= 100 - 10);
    assert_non_null(strstr(log_text, "its models start anew"));
    vr_live_free(r);
  }
}

/* Late values, and a counter that begins anew with its process, are no clock
 * that was set. */
static void late_values_are_no_clock_that_was_set(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.allowed_lateness = 6;
  struct vr_live *r = start_with(o, DIRECT("cpu", "derive-vcpu_run:value"));
  for (int t = 0; t < 60; t += 3)
    for (int k = 2; k >= 0; k--)
      feed(r, RUN, t + k, 1, VR_DERIVE,
           1e9 * (t + k < 30 ? t + k : t + k - 30));
  assert_null(strstr(log_text, "its models start anew"));
  assert_near(value_at(20, VR_CPU), 1e9);
  assert_near(value_at(40, VR_CPU), 1e9);
  vr_live_free(r);
}

/* One sample from far away does not disturb the others. */
static void a_single_stray_time_does_no_harm(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
  for (int t = 0; t < 20; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    if (t == 10)
      feed(r, RUN, -5000, 1, VR_DERIVE, 5);
  }
  for (int t = 2; t < 10; t++)
    assert_near(value_at(t, VR_CPU), 1e9);
  for (int t = 11; t < 19; t++)
    assert_near(value_at(t, VR_CPU), 3e9);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_within_three_intervals_and_stops_at_once),
      cmocka_unit_test(jitter_does_not_matter),
      cmocka_unit_test(a_finer_stream_is_averaged),
      cmocka_unit_test(a_coarser_stream_is_refused_and_said),
      cmocka_unit_test(order_does_not_matter),
      cmocka_unit_test(two_lost_ticks_are_held_then_it_is_unknown),
      cmocka_unit_test(a_clock_that_jumps_is_followed),
      cmocka_unit_test(a_clock_that_is_set_back_a_little_is_followed),
      cmocka_unit_test(late_values_are_no_clock_that_was_set),
      cmocka_unit_test(a_single_stray_time_does_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
