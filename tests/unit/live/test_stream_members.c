/* SPDX-License-Identifier: MIT
 *
 * Patterns that have members: series that come and go, read as their sum.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SUM(counter, pattern)                                                  \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/virt/" pattern              \
  "\"],\"b\":[1]}]}"
#define TX SUM("net_tx", "if_octets-vnet*:tx")

/* A member's counter, which is BASE at T = 0 and rises by RATE a second. */
struct member {
  const char *instance;
  double begin, end; /* of its samples */
  double base, rate;
};

static void feed_one(struct vr_live *r, const struct member *m, double t,
                     double interval) {
  char name[64];
  if (t < m->begin || t > m->end)
    return;
  snprintf(name, sizeof(name), "g/virt/if_octets-%s:tx", m->instance);
  feed(r, name, t, interval, VR_DERIVE, m->base + m->rate * t);
}

/* N members of which values come every 10 s from T = PHASE on. */
static struct vr_live *run_models(const char *models, const struct member *m,
                                  size_t n, double phase) {
  struct vr_live *r = start(models);
  for (double t = phase; t <= 600 + phase; t += 10)
    for (size_t i = 0; i < n; i++)
      feed_one(r, &m[i], t, 10);
  return r;
}

#define RUN_ALL(m, phase) run_models(TX, m, sizeof(m) / sizeof((m)[0]), phase)

/* Is the counter at T one of the N VALUES, to a thousandth? */
static bool is_one_of(int t, const double *values, size_t n) {
  double v = value_at(t, VR_NET_TX);
  for (size_t i = 0; i < n; i++)
    if (fabs(v - values[i]) < 1e-3)
      return true;
  return false;
}

static void their_rates_add_up(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 0, 1e9, 4e9, 100},
                             {"vnet4", 0, 1e9, 0, 7},
                             {"eth0", 0, 1e9, 0, 1000}};
  struct vr_live *r = RUN_ALL(m, 0);
  for (int t = 20; t <= 590; t += 10)
    assert_near(value_at(t, VR_NET_TX), 107);
  vr_live_free(r);
}

/* What a guest sends is the same before and after a restart, which takes no
 * longer than an interval, or several, or in which the interface comes back
 * under its old number later. */
static void a_new_number_makes_no_jump_and_no_gap(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 0, 200, 4e9, 100},
                             {"vnet17", 210, 400, -21000, 100},
                             {"vnet3", 410, 1e9, -41000, 100}};
  for (int phase = 0; phase < 10; phase += 3) {
    struct vr_live *r = RUN_ALL(m, phase);
    for (int t = 30; t <= 580; t += 10)
      assert_near(value_at(t, VR_NET_TX), 100);
    vr_live_free(r);
  }
}

/* What goes on under another number is not missing from the sum meanwhile. */
static void a_new_number_beside_others_makes_none_either(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 0, 200, 4e9, 100},
                             {"vnet4", 0, 1e9, 12, 7},
                             {"vnet17", 210, 400, -21000, 100},
                             {"vnet3", 410, 1e9, -41000, 100}};
  for (int phase = 0; phase < 10; phase += 3) {
    struct vr_live *r = RUN_ALL(m, phase);
    for (int t = 30; t <= 580; t += 10)
      assert_near(value_at(t, VR_NET_TX), 107);
    vr_live_free(r);
  }
}

static void a_guest_that_is_off_has_a_gap_and_no_jump(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 0, 200, 4e9, 100},
                             {"vnet4", 0, 200, 4e9, 7},
                             {"vnet17", 300, 1e9, -300 * 100, 100},
                             {"vnet18", 300, 1e9, -300 * 7, 7}};
  for (int phase = 0; phase < 10; phase += 3) {
    struct vr_live *r = RUN_ALL(m, phase);
    for (int t = 30; t <= 580; t += 10) {
      double v = value_at(t, VR_NET_TX);
      if (isfinite(v))
        assert_near(v, 107);
      assert_true(isfinite(v) || (t > 200 && t <= 320));
    }
    vr_live_free(r);
  }
}

/* Either's share is there or not, and known again before long. */
static void one_that_goes_leaves_the_sum(void **state) {
  (void)state;
  const double sums[] = {107, 7};
  const struct member m[] = {{"vnet3", 0, 200, 4e9, 100},
                             {"vnet4", 0, 1e9, 12, 7}};
  struct vr_live *r = RUN_ALL(m, 0);
  for (int t = 30; t <= 200; t += 10)
    assert_near(value_at(t, VR_NET_TX), 107);
  for (int t = 210; t <= 230; t += 10)
    assert_true(isnan(value_at(t, VR_NET_TX)) || is_one_of(t, sums, 2));
  for (int t = 240; t <= 580; t += 10)
    assert_near(value_at(t, VR_NET_TX), 7);
  vr_live_free(r);
}

/* Of the tick in which it began it has a part. */
static void one_that_comes_adds_no_more_than_its_rate(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 300, 1e9, 4e12, 100},
                             {"vnet4", 0, 1e9, 12, 7}};
  for (int phase = 0; phase < 10; phase += 3) {
    struct vr_live *r = RUN_ALL(m, phase);
    for (int t = 30; t <= 300; t += 10)
      assert_near(value_at(t, VR_NET_TX), 7);
    assert_true(value_at(310, VR_NET_TX) >= 7 &&
                value_at(310, VR_NET_TX) <= 107);
    for (int t = 320; t <= 580; t += 10)
      assert_near(value_at(t, VR_NET_TX), 107);
    vr_live_free(r);
  }
}

/* Where one value is lost, or comes late, the sum is not taken for that of the
 * other. */
static void a_late_one_is_waited_for(void **state) {
  (void)state;
  const double sums[] = {107};
  const struct member m[] = {{"vnet3", 0, 1e9, 4e9, 100},
                             {"vnet4", 0, 1e9, 12, 7}};
  struct vr_live *r = start(TX);
  for (int t = 0; t <= 600; t += 10) {
    feed_one(r, &m[0], t, 10);
    if (t % 100 != 50)
      feed_one(r, &m[1], t, 10);
    if (t % 200 == 60)
      feed_one(r, &m[1], t - 10, 10);
  }
  for (int t = 30; t <= 580; t += 10)
    assert_true(isnan(value_at(t, VR_NET_TX)) || is_one_of(t, sums, 1));
  vr_live_free(r);
}

/* A series may be an input of its own and a member. */
static void one_series_serves_both(void **state) {
  (void)state;
  const struct member m[] = {{"vnet3", 0, 1e9, 4e9, 100},
                             {"vnet4", 0, 1e9, 12, 7}};
  struct vr_live *r = run_models(
      TX "," SUM("net_rx", "if_octets-vnet3:tx") "," SUM(
          "disk_read", "if_octets-*:tx") "," SUM("disk_write",
                                                 "if_octets-vnet4*:tx"),
      m, 2, 0);
  for (int t = 30; t <= 580; t += 10) {
    assert_near(value_at(t, VR_NET_TX), 107);
    assert_near(value_at(t, VR_NET_RX), 100);
    assert_near(value_at(t, VR_DISK_READ), 107);
    assert_near(value_at(t, VR_DISK_WRITE), 7);
  }
  vr_live_free(r);
}

/* Models of another step, with levels, too. */
static void levels_add_up(void **state) {
  (void)state;
  struct vr_live *r = start(SUM("processes", "memory-*:value"));
  for (int t = 0; t <= 600; t += 10) {
    feed(r, "g/virt/memory-a:value", t, 10, VR_GAUGE, 3);
    if (t > 300)
      feed(r, "g/virt/memory-b:value", t, 10, VR_GAUGE, 4);
    if (t <= 300)
      feed(r, "g/virt/memory-c:value", t, 10, VR_GAUGE, 2);
  }
  for (int t = 30; t <= 300; t += 10)
    assert_near(value_at(t, VR_PROCESSES), 5);
  for (int t = 340; t <= 580; t += 10)
    assert_near(value_at(t, VR_PROCESSES), 7);
  vr_live_free(r);
}

/* Whoever sends them: memory is bounded, and one line tells. */
static void there_are_only_so_many(void **state) {
  (void)state;
  struct vr_live *r = start(TX);
  for (int t = 0; t <= 30; t += 10)
    for (int i = 0; i < 1000; i++) {
      char instance[16];
      snprintf(instance, sizeof(instance), "vnet%d", i);
      const struct member m = {instance, 0, 1e9, 0, 1};
      feed_one(r, &m, t, 10);
    }
  assert_near(value_at(20, VR_NET_TX), 128);
  const char *line = strstr(log_text, "more than 128 series match");
  assert_non_null(line);
  assert_null(strstr(line + 1, "more than 128 series match"));
  vr_live_free(r);
}

/* What one reading brings that was held up for long is no clock that was set,
 * however many interfaces it is of. */
static void a_stale_reading_of_many_changes_nothing(void **state) {
  (void)state;
  struct vr_live *r = start(TX);
  for (int k = 0; k <= 101; k++)
    for (int i = 0; i < 9; i++) {
      char instance[16];
      snprintf(instance, sizeof(instance), "vnet%d", i);
      const struct member m = {instance, 0, 1e9, 0, 1};
      feed_one(r, &m,
               k == 50  ? 500
               : k < 50 ? 1000 + 10 * k
                        : 990 + 10 * k,
               10);
    }
  for (int t = 1020; t <= 1980; t += 10)
    assert_near(value_at(t, VR_NET_TX), 9);
  assert_null(strstr(log_text, "a clock was set"));
  vr_live_free(r);
}

/* A clock that is set makes all of them begin anew. */
static void a_clock_that_is_set_back_ends_them(void **state) {
  (void)state;
  const struct member before[] = {{"vnet3", 0, 1e9, 4e9, 100},
                                  {"vnet4", 0, 1e9, 0, 7}},
                      after[] = {{"vnet4", -1e9, 1e9, 9e9, 7},
                                 {"vnet5", -1e9, 1e9, 9e9, 100}};
  struct vr_live *r = run_models(TX, before, 2, 0);
  for (int t = -5000; t <= -4000; t += 10) {
    feed_one(r, &after[0], t, 10);
    feed_one(r, &after[1], t, 10);
  }
  for (int t = -4900; t <= -4020; t += 10)
    assert_near(value_at(t, VR_NET_TX), 107);
  vr_live_free(r);
}

/* A little, so that counters were higher before: the one that shows it is none
 * that is left. */
static void one_that_is_set_back_a_little_too(void **state) {
  (void)state;
  const struct member before[] = {{"vnet3", 0, 1e9, 4e9, 100},
                                  {"vnet4", 0, 1e9, 0, 7}},
                      after[] = {{"vnet3", 0, 1e9, 9e9, 100},
                                 {"vnet4", 0, 1e9, 9e9, 7}};
  struct vr_live *r = run_models(TX, before, 2, 0);
  for (int t = 585; t <= 1000; t += 10)
    for (int i = 0; i < 2; i++)
      feed_one(r, &after[i], t, 10);
  for (int t = 620; t <= 980; t += 10)
    assert_near(value_at(t, VR_NET_TX), 107);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(their_rates_add_up),
      cmocka_unit_test(a_new_number_makes_no_jump_and_no_gap),
      cmocka_unit_test(a_new_number_beside_others_makes_none_either),
      cmocka_unit_test(a_guest_that_is_off_has_a_gap_and_no_jump),
      cmocka_unit_test(one_that_goes_leaves_the_sum),
      cmocka_unit_test(one_that_comes_adds_no_more_than_its_rate),
      cmocka_unit_test(a_late_one_is_waited_for),
      cmocka_unit_test(one_series_serves_both),
      cmocka_unit_test(levels_add_up),
      cmocka_unit_test(there_are_only_so_many),
      cmocka_unit_test(a_stale_reading_of_many_changes_nothing),
      cmocka_unit_test(a_clock_that_is_set_back_ends_them),
      cmocka_unit_test(one_that_is_set_back_a_little_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
