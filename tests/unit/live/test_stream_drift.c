/* SPDX-License-Identifier: MIT
 *
 * Guests that do send their own values: what the operator is told when they
 * disagree with what is published, and that nothing else comes of them.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH(q) "\"intervals\":{\"level\":0.9,\"half_widths\":[" q "]}"
/* Rests at 2 while the guest runs 1 s/s. */
#define MODEL PROCESSES(FIT("50") WIDTH("0.5") ",")
#define MEASURED(counter, series, rest)                                        \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\"," rest                                                           \
  ",\"inputs\":[{\"signals\":[" OURS(series) "],\"b\":[1]}]}"

static struct vr_notice told[8];
static size_t n_told;

static void be_told(void *user, const struct vr_notice *notice) {
  (void)user;
  assert_true(n_told < 8);
  told[n_told++] = *notice;
}

static size_t notices(struct vr_live *r) {
  vr_live_take_notices(r, be_told, NULL);
  return n_told;
}

static struct vr_live *start_telling(const char *models) {
  struct vr_live_options o = vr_live_defaults();
  o.notify_after = vr_signal_time_of_seconds(5);
  n_told = 0;
  return start_with(o, models);
}

/* As the collectd of HOST sends it: X processes, in six series. */
static void send_as(struct vr_live *r, const char *host, double t,
                    double interval, double x) {
  static const char *const states[] = {"running", "sleeping", "blocked",
                                       "zombies", "stopped",  "paging"};
  for (int i = 0; i < 6; i++) {
    char name[64];
    snprintf(name, sizeof(name), "%s/processes/ps_state-%s:value", host,
             states[i]);
    assert_int_equal(feed(r, name, t, interval, VR_GAUGE, i < 2 ? x / 2 : 0),
                     0);
  }
}

static void send_processes(struct vr_live *r, double t, double interval,
                           double x) {
  send_as(r, "g", t, interval, x);
}

static void run(struct vr_live *r, int t) {
  feed(r, RUN, t, 1, VR_DERIVE, 1e9 * t);
}

/* By hand: the share of ticks outside passes one half in the 41st tick outside,
 * since 0.98282^40 = 0.50003, and falls below a quarter 80 ticks after 200. */
static void told_when_it_begins_and_when_it_ends(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 400; t++) {
    run(r, t);
    send_processes(r, t, 1, t < 100 || t >= 300 ? 2.4 : 7);
    size_t n = notices(r);
    if (t < 140)
      assert_int_equal(n, 0);
    else if (t > 155 && t < 370)
      assert_int_equal(n, 1);
  }
  assert_int_equal(notices(r), 2);
  assert_int_equal(told[0].kind, VR_NOTICE_DRIFT);
  assert_true(told[0].raised && !told[1].raised);
  assert_string_equal(told[0].host, "h");
  assert_string_equal(told[0].guest, "g");
  assert_string_equal(
      told[0].message,
      "guest g on h: its own values are outside the published intervals; "
      "processes 7, expected from 1.5 to 2.5");
  assert_non_null(
      strstr(told[1].message, "are within the published intervals again"));
  assert_near(value_at(350, VR_PROCESSES), 2);
  vr_live_free(r);
}

/* That is what an interval of 90 % is. */
static void one_in_ten_is_no_drift(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 1000; t++) {
    run(r, t);
    send_processes(r, t, 1, t % 10 == 0 ? 30 : 2);
  }
  assert_int_equal(notices(r), 0);
  vr_live_free(r);
}

static void a_guest_may_send_less_often(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 200; t++) {
    run(r, t);
    if (t % 10 == 3)
      send_processes(r, t, 10, 7);
  }
  assert_int_equal(notices(r), 1);
  vr_live_free(r);
}

/* Neither do its values come into a time that can be compared, nor does the
 * guest's time become that of the clock. */
static void a_clock_that_is_wrong_does_no_harm(void **state) {
  (void)state;
  static const double off[] = {-3600, 3600};
  for (int k = 0; k < 2; k++) {
    struct vr_live *r = start_telling(MODEL);
    for (int t = 0; t < 200; t++) {
      run(r, t);
      send_processes(r, t + off[k], 1, 7);
    }
    assert_int_equal(notices(r), 0);
    assert_near(value_at(195, VR_PROCESSES), 2);
    assert_null(strstr(log_text, "its models start anew"));
    vr_live_free(r);
  }
}

static void half_of_its_series_are_not_compared(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 200; t++) {
    run(r, t);
    feed(r, "g/processes/ps_state-running:value", t, 1, VR_GAUGE, 7);
  }
  assert_int_equal(notices(r), 0);
  vr_live_free(r);
}

/* Every machine that runs collectd sends them. */
static void who_is_no_guest_leaves_nothing_behind(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int i = 0; i < 100; i++) {
    char name[64];
    snprintf(name, sizeof(name), "machine%d/load/load:shortterm", i);
    assert_int_equal(feed(r, name, i, 1, VR_GAUGE, 1), 0);
  }
  assert_int_equal(vr_live_stats(r).guests, 0);
  vr_live_free(r);
}

/* 30 % busy is 70 % idle, and 1 GB of 4 is 25 %. */
static void shares_are_formed_as_in_training(void **state) {
  (void)state;
  static const char *const parts[] = {"buffered", "used",      "cached",
                                      "free",     "slab_recl", "slab_unrecl"};
  static const double bytes[] = {1e9, 1e9, 1e9, 0.5e9, 0.25e9, 0.25e9};
  for (int wrong = 0; wrong < 2; wrong++) {
    struct vr_live *r = start_telling(
        MEASURED("cpu", "memory-rss:value", WIDTH("1")) "," MEASURED(
            "buffers", "memory-other:value", WIDTH("1")));
    for (int t = 0; t < 200; t++) {
      feed(r, RSS, t, 1, VR_GAUGE, wrong ? 70 : 30);
      feed(r, "h/vmrecon-g/memory-other:value", t, 1, VR_GAUGE,
           wrong ? 75 : 25);
      feed(r, "g/cpu/percent-idle:value", t, 1, VR_GAUGE, 70);
      for (int i = 0; i < 6; i++) {
        char name[64];
        snprintf(name, sizeof(name), "g/memory/memory-%s:value", parts[i]);
        feed(r, name, t, 1, VR_GAUGE, bytes[i]);
      }
    }
    assert_int_equal(notices(r), wrong);
    if (wrong) {
      assert_non_null(
          strstr(told[0].message, "; cpu 30, expected from 69 to 71"));
      assert_non_null(
          strstr(told[0].message, "; buffers 25, expected from 74 to 76"));
    }
    vr_live_free(r);
  }
}

static void over_when_the_guest_is_gone(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 200; t++) {
    run(r, t);
    send_processes(r, t, 1, 7);
  }
  assert_int_equal(notices(r), 1);
  for (int i = 0; i < 61; i++)
    vr_live_sweep(r);
  assert_int_equal(notices(r), 2);
  assert_int_equal(told[1].kind, VR_NOTICE_DRIFT);
  assert_false(told[1].raised);
  assert_non_null(strstr(told[1].message, "gone"));
  vr_live_free(r);
}

/* FQDNLookup is collectd's default: "g" sends as "g.example.com". */
static void a_guest_may_send_its_full_name(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 200; t++) {
    run(r, t);
    send_as(r, "g.example.com", t, 1, 7);
    /* Neither of these is it. */
    send_as(r, "gg.example.com", t, 1, 2);
    send_as(r, ".example.com", t, 1, 2);
  }
  assert_int_equal(notices(r), 1);
  vr_live_free(r);
}

/* Two may be meant: neither counts, unless one has the name itself. */
static void of_two_full_names_none_is_taken(void **state) {
  (void)state;
  struct vr_live *r = start_telling(MODEL);
  for (int t = 0; t < 200; t++) {
    run(r, t);
    send_as(r, "g.one", t, 1, 7);
    send_as(r, "g.two", t, 1, 7);
  }
  assert_int_equal(notices(r), 0);
  for (int t = 200; t < 400; t++) {
    run(r, t);
    send_as(r, "g.one", t, 1, 2);
    send_as(r, "g", t, 1, 7);
  }
  assert_int_equal(notices(r), 1);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(told_when_it_begins_and_when_it_ends),
      cmocka_unit_test(one_in_ten_is_no_drift),
      cmocka_unit_test(a_guest_may_send_less_often),
      cmocka_unit_test(a_clock_that_is_wrong_does_no_harm),
      cmocka_unit_test(half_of_its_series_are_not_compared),
      cmocka_unit_test(who_is_no_guest_leaves_nothing_behind),
      cmocka_unit_test(shares_are_formed_as_in_training),
      cmocka_unit_test(over_when_the_guest_is_gone),
      cmocka_unit_test(a_guest_may_send_its_full_name),
      cmocka_unit_test(of_two_full_names_none_is_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
