/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "overlay/ways.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(1700000000) * SECOND)

static struct vr_way way(const char *instance, double generation,
                         int64_t sent) {
  struct vr_way w;
  assert_int_equal(vr_ways_parse("h1", "h2", instance, generation, sent, &w),
                   0);
  return w;
}

static void test_reads_what_it_writes(void **state) {
  (void)state;
  static const char *const all[] = {"via_h3", "direct", "default", "via_via_x"};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    char text[VR_WAYS_INSTANCE];
    struct vr_way w = way(all[i], 7, NOW);
    vr_ways_instance(&w, text);
    assert_string_equal(text, all[i]);
    assert_true(vr_ways_are_meant(all[i]));
  }
  assert_string_equal(way("via_h3", 7, NOW).via, "h3");
}

static void test_refuses_what_is_none(void **state) {
  (void)state;
  struct vr_way w;
  char longest[200] = "via_";
  memset(longest + 4, 'x', 190);
  assert_int_equal(vr_ways_parse("h1", "h2", "via_", 7, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("h1", "h2", longest, 7, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("", "h2", "direct", 7, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("h1", "", "direct", 7, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("h1", "h2", "direct", -7, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("h1", "h2", "direct", 7.5, NOW, &w), -EINVAL);
  assert_int_equal(vr_ways_parse("h1", "h2", "mac_525400760002_10", 7, NOW, &w),
                   -EINVAL);
  assert_false(vr_ways_are_meant("mac_525400760002_10"));
}

static void test_who_may_say_it(void **state) {
  (void)state;
  struct vr_members m = {0};
  for (int i = 1; i <= 3; i++) {
    struct vr_member h = {0};
    snprintf(h.name, sizeof(h.name), "h%d", i);
    snprintf(h.user, sizeof(h.user), "h%d", i);
    assert_int_equal(vr_members_add(&m, &h), 0);
  }
  assert_int_equal(vr_members_add_central(&m, "central"), 0);
  double now = (double)(NOW / 1000);
  struct vr_way w = way("via_h3", now, NOW);
  assert_int_equal(vr_ways_judge(&m, "central", &w, NOW), VR_REFUSAL_NONE);
  assert_int_equal(vr_ways_judge(&m, NULL, &w, NOW), VR_REFUSAL_UNSIGNED);
  assert_int_equal(vr_ways_judge(&m, "h1", &w, NOW), VR_REFUSAL_USER);
  assert_int_equal(vr_ways_judge(&m, "central", &w, NOW + 31 * SECOND),
                   VR_REFUSAL_CLOCK);
  w = way("direct", now + 61000, NOW);
  assert_int_equal(vr_ways_judge(&m, "central", &w, NOW), VR_REFUSAL_CLOCK);
  static const char *const strange[] = {"via_h4", "via_h1", "via_h2"};
  for (size_t i = 0; i < 3; i++) {
    w = way(strange[i], now, NOW);
    assert_int_equal(vr_ways_judge(&m, "central", &w, NOW), VR_REFUSAL_HOST);
  }
  vr_members_clear(&m);
}

static void test_the_newest_holds_until_nothing_is_heard(void **state) {
  (void)state;
  struct vr_ways t = {0};
  bool changed;
  struct vr_way w = way("via_h3", 100, NOW);
  assert_int_equal(vr_ways_take(&t, &w, NOW, &changed), VR_REFUSAL_NONE);
  assert_true(changed);
  assert_int_equal(vr_ways_take(&t, &w, NOW, &changed), VR_REFUSAL_REPLAYED);
  w = way("direct", 99, NOW + 1);
  assert_int_equal(vr_ways_take(&t, &w, NOW, &changed), VR_REFUSAL_OLDER);
  w = way("via_h3", 100, NOW + SECOND);
  assert_int_equal(vr_ways_take(&t, &w, NOW + SECOND, &changed),
                   VR_REFUSAL_NONE);
  assert_false(changed);
  w = way("direct", 101, NOW + 2 * SECOND);
  assert_int_equal(vr_ways_take(&t, &w, NOW + 2 * SECOND, &changed),
                   VR_REFUSAL_NONE);
  assert_true(changed && t.n == 1 && t.list[0].kind == VR_WAY_DIRECT);
  assert_false(vr_ways_expire(&t, NOW + 182 * SECOND));
  assert_true(vr_ways_expire(&t, NOW + 183 * SECOND));
  assert_int_equal(t.n, 0);
  vr_ways_clear(&t);
}

static void test_generations_grow_with_decisions(void **state) {
  (void)state;
  struct vr_ways t = {0};
  vr_ways_begin(&t);
  assert_int_equal(vr_ways_decide(&t, "h1", "h2", "h3", NOW), 0);
  vr_ways_end(&t, NOW);
  uint64_t first = t.list[0].generation;
  assert_true(first == (uint64_t)(NOW / 1000));
  vr_ways_begin(&t);
  assert_int_equal(vr_ways_decide(&t, "h1", "h2", "h3", NOW + SECOND), 0);
  vr_ways_end(&t, NOW + SECOND);
  assert_true(t.list[0].generation == first);
  /* Twice in one millisecond, and with a clock that was set back. */
  vr_ways_begin(&t);
  assert_int_equal(vr_ways_decide(&t, "h1", "h2", NULL, NOW), 0);
  vr_ways_end(&t, NOW);
  assert_true(t.list[0].generation == first + 1);
  vr_ways_begin(&t);
  vr_ways_end(&t, NOW);
  assert_true(t.list[0].kind == VR_WAY_DEFAULT &&
              t.list[0].generation == first + 2);
  /* It is said for an hour. */
  vr_ways_begin(&t);
  vr_ways_end(&t, NOW + 3600 * SECOND);
  assert_int_equal(t.n, 1);
  vr_ways_begin(&t);
  vr_ways_end(&t, NOW + 3601 * SECOND);
  assert_int_equal(t.n, 0);
  vr_ways_clear(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reads_what_it_writes),
      cmocka_unit_test(test_refuses_what_is_none),
      cmocka_unit_test(test_who_may_say_it),
      cmocka_unit_test(test_the_newest_holds_until_nothing_is_heard),
      cmocka_unit_test(test_generations_grow_with_decisions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
