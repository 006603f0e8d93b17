/* SPDX-License-Identifier: MIT
 *
 * Models whose step is not collectd's interval: what they compute is published
 * at that interval, between their ticks, too.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FIR(counter, step, series, gain)                                       \
  "{\"counter\":\"" counter "\",\"provenance\":\"inferred\",\"structure\":"    \
  "\"fir\",\"step\":" step                                                     \
  "," FIT("50") "\"inputs\":[{\"signals\":[" OURS(series) "],\"b\":[" gain     \
                                                          "]}]}"
#define LEVEL(step) FIR("processes", step, "memory-rss:value", "2")
#define RATE(step) FIR("contextswitch", step, "derive-vcpu_run:value", "3")

/* A level that is other in every tick of 10 s, and a count that rises by as
 * much a second. */
static double level(int t) { return 5 + (t / 10) % 13; }
static double count(int t) {
  double sum = 0;
  for (int k = 10; k <= t; k += 10)
    sum += 10 * level(k);
  return sum;
}

static void feed_both(struct vr_live *r, int t, int interval) {
  feed(r, RSS, t, interval, VR_GAUGE, level(t));
  feed(r, RUN, t, interval, VR_DERIVE, count(t));
}

/* The mean of the level over the last tick of STEP that ended at T or before:
 * the epoch of the tests is a multiple of 10, of 70 it is not. */
static double mean_before(int t, int step) {
  vr_time end = at(t) / VR_SECOND / step * step;
  double sum = 0;
  for (int k = 0; k < step / 10; k++)
    sum += level((int)(end - epoch / VR_SECOND) - 10 * k);
  return sum / (step / 10);
}

static void a_level_is_held_between_ticks(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70"));
  for (int t = 0; t <= 1400; t += 10)
    feed_both(r, t, 10);
  for (int t = 210; t <= 1390; t += 10) {
    assert_near(value_at(t, VR_PROCESSES), 2 * mean_before(t, 70));
    assert_true(answer_at(t, VR_PROCESSES)->interval == 10 * VR_SECOND);
  }
  vr_live_free(r);
}

static void a_rate_rises_evenly_between_ticks(void **state) {
  (void)state;
  struct vr_live *r = start(RATE("70"));
  for (int t = 0; t <= 1400; t += 10)
    feed_both(r, t, 10);
  for (int t = 220; t <= 1390; t += 10) {
    const struct vr_answer *before = answer_at(t - 10, VR_CONTEXTSWITCH),
                           *now = answer_at(t, VR_CONTEXTSWITCH);
    assert_non_null(before);
    assert_non_null(now);
    double rise = (double)(now->counters[VR_CONTEXTSWITCH].total -
                           before->counters[VR_CONTEXTSWITCH].total);
    assert_true(fabs(rise - 30 * mean_before(t, 70)) <= 1);
  }
  vr_live_free(r);
}

static void remove_state(const char *path) {
  char current[64];
  snprintf(current, sizeof(current), "%s.v4", path);
  unlink(path);
  unlink(current);
}

/* Saves, ends and begins again with MODELS, as a restart does. */
static struct vr_live *restart(struct vr_live *r, const char *models) {
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);
  r = start(models);
  assert_int_equal(vr_live_restore(r, path), 0);
  remove_state(path);
  return r;
}

/* A restart in the middle of a long tick leaves no gap: what was held goes on
 * until the next tick of the model. Its last tick is at 610, the next at 680.
 */
static void a_restart_leaves_no_gap(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70") "," RATE("70"));
  for (int t = 0; t <= 640; t += 10)
    feed_both(r, t, 10);
  double before = value_at(630, VR_PROCESSES),
         rate = value_at(630, VR_CONTEXTSWITCH);
  int64_t total =
      answer_at(630, VR_CONTEXTSWITCH)->counters[VR_CONTEXTSWITCH].total;
  assert_near(before, 2 * mean_before(630, 70));
  r = restart(r, LEVEL("70") "," RATE("70"));
  for (int t = 650; t <= 900; t += 10)
    feed_both(r, t, 10);
  for (int t = 660; t < 680; t += 10) {
    assert_near(value_at(t, VR_PROCESSES), before);
    assert_near(value_at(t, VR_CONTEXTSWITCH), rate);
    assert_true(isnan(answer_at(t, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  }
  /* 30 s have passed, at a rate that is known. */
  assert_true(fabs((double)(answer_at(660, VR_CONTEXTSWITCH)
                                ->counters[VR_CONTEXTSWITCH]
                                .total -
                            total) -
                   30 * rate) <= 1);
  for (int t = 680; t <= 890; t += 10)
    assert_true(isfinite(value_at(t, VR_PROCESSES)));
  for (int t = 750; t <= 890; t += 10)
    assert_near(value_at(t, VR_PROCESSES), 2 * mean_before(t, 70));
  vr_live_free(r);
}

/* Nor is it forgotten by one that saves before the guest appears. */
static void two_restarts_leave_no_gap(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70"));
  for (int t = 0; t <= 640; t += 10)
    feed_both(r, t, 10);
  double before = value_at(630, VR_PROCESSES);
  r = restart(restart(r, LEVEL("70")), LEVEL("70"));
  for (int t = 650; t <= 700; t += 10)
    feed_both(r, t, 10);
  assert_near(value_at(660, VR_PROCESSES), before);
  vr_live_free(r);
}

/* What would be overdue is not taken, nor what another model has said. */
static void what_is_old_or_of_another_is_not_held(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70"));
  for (int t = 0; t <= 640; t += 10)
    feed_both(r, t, 10);
  r = restart(r, LEVEL("70"));
  for (int t = 800; t < 820; t += 10)
    feed_both(r, t, 10);
  assert_true(isnan(value_at(810, VR_PROCESSES)));
  vr_live_free(r);
  r = start(LEVEL("70"));
  for (int t = 0; t <= 640; t += 10)
    feed_both(r, t, 10);
  r = restart(r, FIR("processes", "70", "memory-rss:value", "3"));
  for (int t = 650; t < 680; t += 10)
    feed_both(r, t, 10);
  assert_true(isnan(value_at(660, VR_PROCESSES)));
  vr_live_free(r);
}

/* A model of 70 s and a measurement of 10 s fill one list. */
static void one_answer_holds_both(void **state) {
  (void)state;
  struct vr_live *r =
      start(FIR("net_tx", "70", "derive-vcpu_run:value",
                "1") "," DIRECT("net_rx", "derive-vcpu_wait:value"));
  for (int t = 0; t <= 700; t += 10) {
    feed_both(r, t, 10);
    feed(r, "h/vmrecon-g/derive-vcpu_wait:value", t, 10, VR_DERIVE, 7.0 * t);
  }
  for (int t = 210; t <= 690; t += 10) {
    const struct vr_answer *a = answer_at(t, VR_NET_RX);
    assert_non_null(a);
    assert_near(a->counters[VR_NET_RX].value, 7);
    assert_near(a->counters[VR_NET_TX].value, mean_before(t, 70));
  }
  vr_live_free(r);
}

/* Every 10 s there is one value and it is known, whatever step the model has
 * that is there just now. */
static void retraining_leaves_no_gap(void **state) {
  (void)state;
  static const char *const models[] = {
      LEVEL("10") "," RATE("10"), LEVEL("70") "," RATE("70"),
      LEVEL("10") "," RATE("10"), LEVEL("130") "," RATE("130"),
      LEVEL("70") "," RATE("70")};
  struct vr_live *r = start(models[0]);
  for (int t = 0; t <= 2500; t += 10) {
    if (t % 500 == 250)
      set_models(r, models[t / 500 % 5]);
    feed_both(r, t, 10);
  }
  int64_t total = -1;
  for (int t = 30; t <= 2490; t += 10) {
    const struct vr_answer *a = answer_at(t, VR_CONTEXTSWITCH);
    assert_non_null(a);
    assert_true(isfinite(a->counters[VR_CONTEXTSWITCH].value));
    assert_true(a->counters[VR_CONTEXTSWITCH].total > total);
    total = a->counters[VR_CONTEXTSWITCH].total;
    assert_true(isfinite(value_at(t, VR_PROCESSES)));
    assert_true(a->interval == 10 * VR_SECOND);
  }
  for (size_t k = 1; k < heard.n; k++)
    assert_true(heard.answers[k].time > heard.answers[k - 1].time);
  vr_live_free(r);
}

/* Of the value that a model computes last nothing is left when the next one is
 * overdue. */
static void what_is_overdue_is_not_published(void **state) {
  (void)state;
  struct vr_live *r =
      start(LEVEL("70") "," DIRECT("net_rx", "derive-vcpu_wait:value"));
  for (int t = 0; t <= 1400; t += 10) {
    if (t <= 700)
      feed_both(r, t, 10);
    feed(r, "h/vmrecon-g/derive-vcpu_wait:value", t, 10, VR_DERIVE, 7.0 * t);
  }
  assert_true(isfinite(value_at(690, VR_PROCESSES)));
  for (int t = 790; t <= 1390; t += 10) {
    assert_true(isnan(value_at(t, VR_PROCESSES)));
    assert_near(value_at(t, VR_NET_RX), 7);
  }
  vr_live_free(r);
}

/* What a group can still compute when values come again is published: an input
 * that is missing is held. */
static void lost_readings_are_bridged(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("10"));
  for (int t = 0; t <= 400; t += 10)
    if (t != 210 && t != 220)
      feed_both(r, t, 10);
  for (int t = 200; t <= 220; t += 10)
    assert_near(value_at(t, VR_PROCESSES), 2 * level(200));
  vr_live_free(r);
}

/* After a silence there is not one value for each interval of it. */
static void a_silence_is_not_filled(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70"));
  for (int t = 0; t <= 700; t += 10)
    feed_both(r, t, 10);
  size_t before = heard.n;
  for (int t = 100000; t <= 100030; t += 10)
    feed_both(r, t, 10);
  assert_true(heard.n < before + 60);
  for (int t = 100040; t <= 101000; t += 10)
    feed_both(r, t, 10);
  assert_near(value_at(100990, VR_PROCESSES), 2 * mean_before(100990, 70));
  vr_live_free(r);
}

/* Models of three steps side by side: the finest that is not below collectd's
 * interval. */
static void the_finest_step_that_can_be_is_used(void **state) {
  (void)state;
  static const struct {
    int interval;
    double gain;
  } cases[] = {{1, 1}, {10, 10}, {30, 60}, {60, 60}};
  for (size_t i = 0; i < 4; i++) {
    struct vr_live *r =
        start(FIR("processes", "60", "memory-rss:value", "60") "," FIR(
            "processes", "1", "memory-rss:value",
            "1") "," FIR("processes", "10", "memory-rss:value", "10"));
    int interval = cases[i].interval;
    for (int t = 0; t <= 600; t += interval)
      feed(r, RSS, t, interval, VR_GAUGE, 1);
    assert_true(heard.n >= 5);
    for (size_t k = 0; k < heard.n; k++) {
      assert_near(heard.answers[k].counters[VR_PROCESSES].value, cases[i].gain);
      assert_true(heard.answers[k].interval == interval * VR_SECOND);
    }
    vr_live_free(r);
  }
}

/* The operator's interval changes while the guest is known, as on a central
 * server: no time twice, and values at the new interval. */
static void the_interval_may_change(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70") "," RATE("10"));
  int t = 0;
  for (; t < 700; t += 10)
    feed_both(r, t, 10);
  for (; t < 1400; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 5);
    feed(r, RUN, t, 1, VR_DERIVE, count(700) + 4.0 * (t - 700));
  }
  for (; t <= 2100; t += 10) {
    feed(r, RSS, t, 10, VR_GAUGE, 5);
    feed(r, RUN, t, 10, VR_DERIVE, count(700) + 4.0 * (t - 700));
  }
  assert_true(answer_at(690, VR_PROCESSES)->interval == 10 * VR_SECOND);
  for (int k = 1000; k < 1398; k++) {
    assert_near(value_at(k, VR_PROCESSES), 10);
    assert_near(value_at(k, VR_CONTEXTSWITCH), 12);
    assert_true(answer_at(k, VR_PROCESSES)->interval == VR_SECOND);
  }
  for (int k = 1700; k <= 2080; k += 10)
    assert_true(answer_at(k, VR_PROCESSES)->interval == 10 * VR_SECOND);
  for (size_t k = 1; k < heard.n; k++)
    assert_true(heard.answers[k].time > heard.answers[k - 1].time);
  vr_live_free(r);
}

/* Guests of two hosts with intervals of their own. */
static void each_guest_has_its_interval(void **state) {
  (void)state;
  struct vr_live *r = start(LEVEL("70"));
  for (int t = 0; t <= 700; t++) {
    feed(r, "a/vmrecon-g/memory-rss:value", t, 1, VR_GAUGE, 1);
    if (t % 60 == 0)
      feed(r, "b/vmrecon-g/memory-rss:value", t, 60, VR_GAUGE, 2);
  }
  size_t n[2] = {0, 0};
  for (size_t k = 0; k < heard.n; k++) {
    bool b = heard.hosts[k][0] == 'b';
    assert_true(heard.answers[k].interval == (b ? 60 : 1) * VR_SECOND);
    n[b]++;
  }
  assert_true(n[0] > 500 && n[1] > 6);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_level_is_held_between_ticks),
      cmocka_unit_test(a_rate_rises_evenly_between_ticks),
      cmocka_unit_test(a_restart_leaves_no_gap),
      cmocka_unit_test(two_restarts_leave_no_gap),
      cmocka_unit_test(what_is_old_or_of_another_is_not_held),
      cmocka_unit_test(one_answer_holds_both),
      cmocka_unit_test(retraining_leaves_no_gap),
      cmocka_unit_test(what_is_overdue_is_not_published),
      cmocka_unit_test(lost_readings_are_bridged),
      cmocka_unit_test(a_silence_is_not_filled),
      cmocka_unit_test(the_finest_step_that_can_be_is_used),
      cmocka_unit_test(the_interval_may_change),
      cmocka_unit_test(each_guest_has_its_interval),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
