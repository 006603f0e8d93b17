/* SPDX-License-Identifier: MIT
 *
 * What is an announcement, and who may send it.
 */
#include "../unit.h"

#include "overlay/refusal.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(1764547200) * SECOND)

static void test_reads_what_it_writes(void **state) {
  (void)state;
  struct vr_announcement a, b;
  char instance[VR_ANNOUNCEMENT_INSTANCE];
  assert_int_equal(
      vr_announcement_parse("h1", "web", "mac_525400760002_10", 7, NOW, &a), 0);
  assert_string_equal(a.host, "h1");
  assert_string_equal(a.guest, "web");
  assert_int_equal(a.vni, 10);
  assert_int_equal(a.generation, 7);
  assert_int_equal(a.mac.byte[5], 2);
  assert_false(a.gone);
  a.gone = true;
  a.vni = VR_ANNOUNCEMENT_VNI_MAX;
  vr_announcement_instance(&a, instance);
  assert_string_equal(instance, "mac_525400760002_16777215");
  assert_int_equal(vr_announcement_parse("h1", "web", instance,
                                         vr_announcement_value(&a), NOW, &b),
                   0);
  assert_true(b.gone);
  assert_int_equal(b.generation, 7);
}

static void test_refuses_what_is_none(void **state) {
  (void)state;
  static const char *const instances[] = {
      "",
      "mac_",
      "mac_525400760002",
      "mac_525400760002_",
      "mac_525400760002_0",
      "mac_525400760002_-1",
      "mac_525400760002_ 1",
      "mac_525400760002_16777216",
      "mac_525400760002_99999999999999999999",
      "mac_525400760002_10x",
      "mac_52540076000_10",
      "mac_5254007600022_10",
      "mac_52540076000g_10",
      "mac_52:54:00:76_10",
      "mac_ffffffffffff_10",
      "mac_01005e000001_10",
      "mac_000000000000_10",
      "MAC_525400760002_10",
  };
  struct vr_announcement a = {.vni = 99};
  for (size_t i = 0; i < sizeof(instances) / sizeof(instances[0]); i++)
    assert_int_equal(vr_announcement_parse("h", "g", instances[i], 7, 0, &a),
                     -EINVAL);
  static const double values[] = {0, 0.5, 1.5, 1e16, NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
    assert_int_equal(vr_announcement_parse("h", "g", "mac_525400760002_10",
                                           values[i], 0, &a),
                     -EINVAL);
  char name[200] = "";
  memset(name, 'x', sizeof(name) - 1);
  assert_int_equal(
      vr_announcement_parse(name, "g", "mac_525400760002_10", 7, 0, &a),
      -EINVAL);
  assert_int_equal(
      vr_announcement_parse("h", "", "mac_525400760002_10", 7, 0, &a), -EINVAL);
  assert_int_equal(a.vni, 99);
}

static void make_members(struct vr_members *m) {
  struct vr_member a = {"h1", "user1", {AF_INET, {10, 0, 0, 1}}};
  struct vr_member b = {"h2", "user2", {AF_INET, {10, 0, 0, 2}}};
  assert_int_equal(vr_members_add(m, &a), 0);
  assert_int_equal(vr_members_add(m, &b), 0);
  assert_int_equal(vr_members_add(m, &b), -EEXIST);
  assert_int_equal(vr_members_add_central(m, "central"), 0);
}

static enum vr_refusal judge(const struct vr_members *m, const char *user,
                             const char *host, double generation,
                             int64_t sent) {
  struct vr_announcement a;
  assert_int_equal(vr_announcement_parse(host, "g", "mac_525400760002_10",
                                         generation, sent, &a),
                   0);
  return vr_refusal_judge(m, user, &a, NOW);
}

static void test_who_may_say_it(void **state) {
  (void)state;
  struct vr_members m = {0};
  const double g = 1764547200000.0;
  make_members(&m);
  assert_int_equal(judge(&m, "user1", "h1", g, NOW), VR_REFUSAL_NONE);
  assert_int_equal(judge(&m, "central", "h1", g, NOW), VR_REFUSAL_NONE);
  assert_int_equal(judge(&m, "user2", "h1", g, NOW), VR_REFUSAL_USER);
  assert_int_equal(judge(&m, "h1", "h1", g, NOW), VR_REFUSAL_USER);
  assert_int_equal(judge(&m, NULL, "h1", g, NOW), VR_REFUSAL_UNSIGNED);
  assert_int_equal(judge(&m, "", "h1", g, NOW), VR_REFUSAL_UNSIGNED);
  assert_int_equal(judge(&m, "user1", "h3", g, NOW), VR_REFUSAL_HOST);
  vr_members_clear(&m);
}

static void test_when_it_may_be_said(void **state) {
  (void)state;
  struct vr_members m = {0};
  const double g = 1764547200000.0;
  make_members(&m);
  assert_int_equal(judge(&m, "user1", "h1", g, NOW - 30 * SECOND),
                   VR_REFUSAL_NONE);
  assert_int_equal(judge(&m, "user1", "h1", g, NOW + 30 * SECOND),
                   VR_REFUSAL_NONE);
  assert_int_equal(judge(&m, "user1", "h1", g, NOW - 30 * SECOND - 1),
                   VR_REFUSAL_CLOCK);
  assert_int_equal(judge(&m, "user1", "h1", g, NOW + 30 * SECOND + 1),
                   VR_REFUSAL_CLOCK);
  /* A generation that nobody could outdo for a while. */
  assert_int_equal(judge(&m, "user1", "h1", g + 60000, NOW), VR_REFUSAL_NONE);
  assert_int_equal(judge(&m, "user1", "h1", g + 60001, NOW), VR_REFUSAL_CLOCK);
  vr_members_clear(&m);
}

static void test_every_refusal_says_what_to_do(void **state) {
  (void)state;
  for (int i = VR_REFUSAL_NONE + 1; i < VR_REFUSAL_KINDS; i++) {
    assert_non_null(vr_refusal_name((enum vr_refusal)i));
    assert_true(strlen(vr_refusal_advice((enum vr_refusal)i)) > 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_reads_what_it_writes),
      cmocka_unit_test(test_refuses_what_is_none),
      cmocka_unit_test(test_who_may_say_it),
      cmocka_unit_test(test_when_it_may_be_said),
      cmocka_unit_test(test_every_refusal_says_what_to_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
