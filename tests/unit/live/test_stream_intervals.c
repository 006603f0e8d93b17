/* SPDX-License-Identifier: MIT
 *
 * Prediction intervals of answers: which width, in which unit, within which
 * bounds, and where there is none.
 */
#include "stream.h"

#include <math.h>
#include <string.h>

#define INTERVALS(widths, rest)                                                \
  "\"intervals\":{\"level\":0.9,\"half_widths\":[" widths "]" rest "}"
/* Told by run seconds a second: below 0.5, below 2, and from there on. */
#define REGIMES(per)                                                           \
  ",\"edges\":[0.5,2],\"regime\":{\"signals\":[" OURS(                         \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"per\":\"" per "\"}"
/* What the host measures passes through, with REST in the model. */
#define MEASURED(counter, series, rest)                                        \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\",\"inputs\":[{\"signals\":[" OURS(series) "],\"b\":[1]}]," rest   \
                                                       "}"

static struct vr_live *start_intervals(const char *models) {
  struct vr_live_options o = vr_live_defaults();
  o.intervals = true;
  return start_with(o, models);
}

static const struct vr_counter_answer *answer(double t, enum vr_counter c) {
  const struct vr_answer *a = answer_at(t, c);
  assert_non_null(a);
  return &a->counters[c];
}

static void assert_interval(double t, enum vr_counter c, double lower,
                            double upper) {
  const struct vr_counter_answer *a = answer(t, c);
  assert_true(a->has_interval);
  assert_near(a->lower, lower);
  assert_near(a->upper, upper);
}

static void assert_no_bounds(double t, enum vr_counter c) {
  const struct vr_counter_answer *a = answer(t, c);
  assert_true(a->has_interval && isnan(a->lower) && isnan(a->upper));
}

/* RSS says 10 T. */
static void feed_rss(struct vr_live *r, int from, int to) {
  for (int t = from; t < to; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 10 * t);
}

static void lies_on_both_sides_within_what_is_possible(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(
      MEASURED("buffers", "memory-rss:value",
               "\"output\":{\"min\":0,\"max\":100}," INTERVALS("25", "")));
  feed_rss(r, 1, 12);
  assert_interval(5, VR_BUFFERS, 25, 75);
  assert_interval(2, VR_BUFFERS, 0, 45);
  assert_interval(9, VR_BUFFERS, 65, 100);
  vr_live_free(r);
  /* No counter is negative, whether its model says so or not. */
  r = start_intervals(
      MEASURED("processes", "memory-rss:value", INTERVALS("25", "")));
  feed_rss(r, 1, 12);
  assert_interval(2, VR_PROCESSES, 0, 45);
  assert_interval(9, VR_PROCESSES, 65, 115);
  vr_live_free(r);
}

static void
are_there_only_on_request_and_where_the_model_has_any(void **state) {
  (void)state;
  struct vr_live *r =
      start(MEASURED("processes", "memory-rss:value", INTERVALS("25", "")));
  feed_rss(r, 1, 8);
  assert_false(answer(5, VR_PROCESSES)->has_interval);
  vr_live_free(r);
  r = start_intervals(DIRECT("processes", "memory-rss:value"));
  feed_rss(r, 1, 8);
  assert_false(answer(5, VR_PROCESSES)->has_interval);
  vr_live_free(r);
}

/* What a model without a minimum says may be far below what is possible: then
 * the bounds meet there, and do not cross. */
static void bounds_do_not_cross_below_zero(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(
      MEASURED("processes", "memory-rss:value", INTERVALS("25", "")));
  for (int t = 1; t < 12; t++)
    feed(r, RSS, t, 1, VR_GAUGE, t < 5 ? -10 : -100);
  assert_interval(4, VR_PROCESSES, 0, 15);
  assert_interval(9, VR_PROCESSES, 0, 0);
  vr_live_free(r);
}

/* The run time changes from 1 to 3 s/s at T = 10, the regime with it. */
static void width_is_that_of_the_regime(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(
      PROCESSES(FIT("50") INTERVALS("0.25,0.5,1.5", REGIMES("one")) ","));
  for (int t = 0; t < 20; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  double y = expected_processes(9);
  assert_interval(9, VR_PROCESSES, y - 0.5, y + 0.5);
  y = expected_processes(15);
  assert_interval(15, VR_PROCESSES, y - 1.5, y + 1.5);
  vr_live_free(r);
}

/* Two vCPUs: both the width and what tells the regime are per vCPU. */
static void width_grows_with_the_guest(void **state) {
  (void)state;
  struct vr_live *r =
      start_intervals(MEASURED("load", "memory-rss:value",
                               "\"output\":{\"per\":\"vcpu\"}," INTERVALS(
                                   "0.25,0.5,1.5", REGIMES("vcpu"))));
  for (int t = 1; t < 20; t++) {
    feed(r, "h/vmrecon-g/count-vcpus:value", t, 1, VR_GAUGE, 2);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, RSS, t, 1, VR_GAUGE, 10);
  }
  /* 0.5 and 1.5 run seconds a vCPU: both in the middle regime. */
  assert_interval(9, VR_LOAD, 19, 21);
  assert_interval(15, VR_LOAD, 19, 21);
  vr_live_free(r);
}

/* The regime's series is not there, and comes, and goes. */
static void unknown_regime_is_the_widest(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(MEASURED(
      "load", "memory-rss:value", INTERVALS("0.25,0.5,1.5", REGIMES("one"))));
  for (int t = 1; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 10);
    if (t >= 10 && t < 20)
      feed(r, RUN, t, 1, VR_DERIVE, 1e9 * t);
  }
  assert_interval(8, VR_LOAD, 8.5, 11.5);
  assert_interval(16, VR_LOAD, 9.5, 10.5);
  assert_interval(36, VR_LOAD, 8.5, 11.5);
  vr_live_free(r);
}

static void promises_nothing_where_nothing_was_validated(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(MEASURED(
      "load", "memory-rss:value", INTERVALS("0.25,0.5,null", REGIMES("one"))));
  for (int t = 0; t < 20; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 10);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_interval(9, VR_LOAD, 9.5, 10.5);
  assert_no_bounds(15, VR_LOAD);
  /* A measurement is one without an interval, too. */
  assert_near(value_at(15, VR_LOAD), 10);
  vr_live_free(r);
  /* Without what tells the regime it may be that one. */
  r = start_intervals(MEASURED("load", "memory-rss:value",
                               INTERVALS("0.25,0.5,null", REGIMES("one"))));
  feed_rss(r, 1, 12);
  assert_no_bounds(8, VR_LOAD);
  assert_near(value_at(8, VR_LOAD), 80);
  vr_live_free(r);
}

static struct vr_notice told[4];
static size_t n_told;

static void be_told(void *user, const struct vr_notice *notice) {
  (void)user;
  assert_true(n_told < 4);
  told[n_told++] = *notice;
}

/* Saturated from T = 10 to 30, where nothing was validated: a moment of it is
 * published without an interval, from the third tick on nothing is, and the
 * tenth tick after it brings the model back, as beyond the range of an input.
 */
static void where_nothing_was_validated_an_estimate_is_withheld(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.intervals = o.model_series = true;
  o.notify_after = vr_signal_time_of_seconds(5);
  n_told = 0;
  struct vr_live *r = start_with(
      o, PROCESSES(FIT("50") INTERVALS("0.25,0.5,null", REGIMES("one")) ","));
  for (int t = 0; t < 60; t++)
    feed(r, RUN, t, 1, VR_DERIVE,
         t < 30 ? run_time(t) : run_time(30) + 1e9 * (t - 30));
  double y = expected_processes(10);
  for (int t = 8; t < 58; t++) {
    if (t > 10)
      y = 0.5 * y + (t <= 30 ? 3 : 1);
    const struct vr_answer *a = answer_at(t, VR_PROCESSES);
    assert_non_null(a);
    bool saturated = t > 10 && t <= 30, withheld = t >= 13 && t < 40;
    if (withheld)
      assert_true(isnan(a->counters[VR_PROCESSES].value));
    else
      assert_near(a->counters[VR_PROCESSES].value, y);
    if (withheld || saturated)
      assert_no_bounds(t, VR_PROCESSES);
    else
      assert_interval(t, VR_PROCESSES, y - 0.5, y + 0.5);
    /* What the model says is shown all the same. */
    assert_near(a->models[VR_PROCESSES].value, y);
  }
  vr_live_take_notices(r, be_told, NULL);
  assert_int_equal(n_told, 2);
  assert_true(told[0].raised && !told[1].raised);
  assert_non_null(strstr(told[0].message, "withheld: processes"));
  assert_non_null(strstr(
      told[0].message, "never validated with "
                       "%{host}/vmrecon-%{guest}/derive-vcpu_run:value at 3"));
  vr_live_free(r);
}

/* Idle and saturated are known, and what is between is only rare: the model
 * speaks there, without bounds. So it does where nothing is known at all. */
static void a_regime_between_is_not_beyond(void **state) {
  (void)state;
  static const char *const widths[] = {
      PROCESSES(FIT("50") INTERVALS("0.25,null,0.5", REGIMES("one")) ","),
      PROCESSES(FIT("50") INTERVALS("null,null,null", REGIMES("one")) ",")};
  for (size_t k = 0; k < 2; k++) {
    struct vr_live_options o = vr_live_defaults();
    o.intervals = true;
    struct vr_live *r = start_with(o, widths[k]);
    for (int t = 0; t < 40; t++)
      feed(r, RUN, t, 1, VR_DERIVE, 1e9 * t);
    assert_true(isfinite(value_at(35, VR_PROCESSES)));
    assert_no_bounds(35, VR_PROCESSES);
    vr_live_free(r);
  }
}

/* 1000 a second and 300 on either side, over five seconds. */
static void bounds_of_a_rate_count(void **state) {
  (void)state;
  struct vr_live *r = start_intervals(
      MEASURED("net_tx", "if_octets-tap:rx", INTERVALS("300", "")));
  for (int t = 0; t < 14; t++)
    feed(r, "h/vmrecon-g/if_octets-tap:rx", t, 1, VR_DERIVE, 1000 * t);
  assert_interval(6, VR_NET_TX, 700, 1300);
  const struct vr_counter_answer *a = answer(5, VR_NET_TX),
                                 *b = answer(10, VR_NET_TX);
  assert_true(b->total - a->total == 5000);
  assert_true(b->lower_total - a->lower_total == 3500);
  assert_true(b->upper_total - a->upper_total == 6500);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lies_on_both_sides_within_what_is_possible),
      cmocka_unit_test(are_there_only_on_request_and_where_the_model_has_any),
      cmocka_unit_test(bounds_do_not_cross_below_zero),
      cmocka_unit_test(width_is_that_of_the_regime),
      cmocka_unit_test(width_grows_with_the_guest),
      cmocka_unit_test(unknown_regime_is_the_widest),
      cmocka_unit_test(promises_nothing_where_nothing_was_validated),
      cmocka_unit_test(where_nothing_was_validated_an_estimate_is_withheld),
      cmocka_unit_test(a_regime_between_is_not_beyond),
      cmocka_unit_test(bounds_of_a_rate_count),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
