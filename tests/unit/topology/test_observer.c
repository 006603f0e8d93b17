/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/observer.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct vr_observer *o;
static vr_time now;
static unsigned rows, changes, instances;
static double crossing, advised;
static char advice[4096];
static bool is_whole; /* the last instance can be written */

static void take_row(void *ctx, const struct vr_ledger_row *row) {
  (void)ctx;
  (void)row;
  rows++;
}

static void take_application(void *ctx,
                             const struct vr_observer_application *a) {
  (void)ctx;
  crossing = a->crossing;
  advised = a->advised;
}

static void take_change(void *ctx, const struct vr_application *app,
                        enum vr_topology before) {
  (void)ctx;
  (void)before;
  assert_int_equal(app->dwell.announced, VR_TOPOLOGY_RING);
  changes++;
}

static void take_instance(void *ctx, const struct vr_instance *i) {
  (void)ctx;
  char *text = vr_instance_format(i);
  instances++;
  is_whole = text != NULL;
  free(text);
  snprintf(advice, sizeof(advice), "%s", i->advice);
}

static const struct vr_observer_sink sink = {.row = take_row,
                                             .application = take_application,
                                             .change = take_change,
                                             .instance = take_instance};

static void begin_with(const struct vr_observer_options *options) {
  o = vr_observer_new(options);
  assert_non_null(o);
  now = 1700000000 * VR_SECOND;
  rows = changes = instances = 0;
}

static int begin(void **state) {
  (void)state;
  struct vr_observer_options options = vr_observer_defaults();
  begin_with(&options);
  return 0;
}

static int end(void **state) {
  (void)state;
  vr_observer_free(o);
  return 0;
}

static int give(const char *host, const char *plugin, const char *guest,
                const char *type, const char *instance, int64_t rx,
                int64_t tx) {
  const struct vr_identifier id = {host, plugin, guest, type, instance};
  bool is_count = strncmp(type, "if_", 3) == 0;
  const int64_t count[2] = {rx, tx};
  const double level = (double)rx;
  return vr_observer_take(o, &(struct vr_observer_value){.id = &id,
                                                         .time = now,
                                                         .arrival = now,
                                                         .n = is_count ? 2 : 1,
                                                         .is_count = is_count,
                                                         .count = count,
                                                         .level = &level});
}

static void give_level(const char *host, const char *type, const char *instance,
                       double level) {
  const struct vr_identifier id = {host, "vmrecon", "", type, instance};
  vr_observer_take(
      o, &(struct vr_observer_value){
             .id = &id, .time = now, .arrival = now, .n = 1, .level = &level});
}

/* A ring of six, g0 to g2 on h1, the others on h2; room for all on one. */
static void ring(int64_t t) {
  for (unsigned i = 0; i < 6; i++) {
    char guest[8], mac[24], peer[24];
    const char *host = i < 3 ? "h1" : "h2";
    snprintf(guest, sizeof(guest), "g%u", i);
    snprintf(mac, sizeof(mac), "mac_52540000000%u", i);
    snprintf(peer, sizeof(peer), "52540000000%u", (i + 1) % 6);
    assert_int_equal(give(host, "vmrecon_net", guest, "gauge", mac, 1, 0), 0);
    assert_int_equal(
        give(host, "vmrecon_net", guest, "if_octets", peer, 1000 * t, 0), 0);
    assert_int_equal(
        give(host, "vmrecon", guest, "memory", "configured", 64, 0), 0);
  }
}

static void run(int windows) {
  for (int i = 0; i < windows; i++) {
    ring(10 * i);
    assert_int_equal(vr_observer_step(o, now, &sink), 0);
    now += 10 * VR_SECOND;
  }
}

static void a_ring_is_seen_and_advised_upon(void **state) {
  (void)state;
  run(9);
  assert_int_equal(changes, 1); /* within 90 s */
  assert_int_equal(rows, 9 * 6);
  run(9);
  /* Two of six pairs cross; nothing hinders that all run on one host. */
  assert_true(fabs(crossing - 100 / 3.0) < 0.01);
  assert_true(advised == 0);
  assert_int_equal(instances, 3); /* at 0, 60 and 120 s */
  assert_non_null(strstr(advice, "\"copy\":192.0"));
}

static void limits_and_groups_apart_are_kept(void **state) {
  (void)state;
  static const char *const names[] = {"g2", "g3"};
  static const struct vr_survey_apart apart[] = {{2, names}};
  struct vr_observer_options options = vr_observer_defaults();
  options.apart = apart;
  options.n_apart = 1;
  end(state);
  begin_with(&options);
  run(18);
  /* g3 may not join g2; a ring that is cut at one end is cut at another. */
  assert_true(advised > 0);
}

static bool wants(const void *ctx, const char *guest) {
  (void)ctx;
  return strcmp(guest, "g0") != 0;
}

static void a_guest_that_is_not_wanted_is_outside(void **state) {
  (void)state;
  struct vr_observer_options options = vr_observer_defaults();
  options.wants = wants;
  end(state);
  begin_with(&options);
  ring(0);
  vr_observer_step(o, now, &sink);
  assert_int_equal(vr_observer_stats(o).guests, 5);
  assert_int_equal(rows, 5);
}

static void other_values_are_passed_over(void **state) {
  (void)state;
  assert_int_equal(give("h", "cpu", "0", "gauge", "mac_525400000001", 1, 0), 0);
  assert_int_equal(give("h", "vmrecon_net", "g", "if_octets", "nonsense", 1, 1),
                   -EINVAL);
  assert_int_equal(
      give("h", "vmrecon_net", "g", "gauge", "mac_525400000001", 7, 0),
      -EINVAL);
  assert_int_equal(give("h", "vmrecon_net", "", "if_octets", "others", 1, 1),
                   -EINVAL);
  assert_int_equal(give("h", "vmrecon_net", "g", "if_errors", "others", 1, 1),
                   0);
  assert_int_equal(vr_observer_stats(o).flows, 0);
}

/* Four threads send while windows end; ThreadSanitizer has its part. */
static void *flood(void *number) {
  for (unsigned i = 0; i < 20000; i++) {
    char guest[16], mac[24];
    snprintf(guest, sizeof(guest), "x%u", (unsigned)(uintptr_t)number);
    snprintf(mac, sizeof(mac), "%012x", i % 500);
    give("h", "vmrecon_net", guest, "if_octets", mac, i, i);
  }
  return NULL;
}

static void many_threads_may_send(void **state) {
  (void)state;
  pthread_t thread[4];
  for (uintptr_t i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&thread[i], NULL, flood, (void *)i), 0);
  for (int i = 0; i < 20; i++)
    assert_int_equal(vr_observer_step(o, now + (i % 3) * VR_SECOND, &sink), 0);
  for (int i = 0; i < 4; i++)
    pthread_join(thread[i], NULL);
  assert_true(vr_observer_stats(o).flows <= 4 * 500);
}

/* A guest that goes makes room for another one, for ever. */
static void names_that_come_and_go_do_not_fill_it(void **state) {
  (void)state;
  struct vr_observer_options options = vr_observer_defaults();
  options.ledger.max_guests = 20;
  end(state);
  begin_with(&options);
  for (unsigned i = 0; i < 2000; i++) {
    char guest[16], mac[24];
    snprintf(guest, sizeof(guest), "vm%u", i / 10);
    snprintf(mac, sizeof(mac), "mac_%012x", i / 10);
    give("h", "vmrecon_net", guest, "gauge", mac, 1, 0);
    vr_observer_step(o, now, &sink);
    now += 10 * VR_SECOND;
  }
  assert_int_equal(vr_observer_stats(o).refused, 0);
}

static int give_at(const char *instance, bool is_count, int64_t count,
                   vr_time time, vr_time interval) {
  const struct vr_identifier id = {"h9", "vmrecon_net", "g0",
                                   is_count ? "if_octets" : "derive", instance};
  const int64_t counts[2] = {count, count};
  return vr_observer_take(o, &(struct vr_observer_value){.id = &id,
                                                         .time = time,
                                                         .arrival = now,
                                                         .interval = interval,
                                                         .n = is_count ? 2 : 1,
                                                         .is_count = true,
                                                         .count = counts});
}

/* Times, intervals and counters are whatever a host says (UBSan watches). */
static void impossible_times_and_counts_are_refused(void **state) {
  (void)state;
  const char *peer = "525400000001";
  run(2);
  assert_int_equal(give_at(peer, true, 0, INT64_MIN, 0), -EINVAL);
  assert_int_equal(give_at(peer, true, 0, INT64_MAX, 0), -EINVAL);
  assert_int_equal(give_at(peer, true, 0, 1, INT64_MAX), 0);
  for (int i = 0; i < 6; i++)
    assert_int_equal(give_at(peer, true, i % 2 ? INT64_MAX : 0,
                             now + i * VR_SECOND, INT64_MAX),
                     0);
  vr_observer_step(o, now, &sink);
  assert_int_equal(
      give_at("wire_525400000001", false, INT64_MIN, now, VR_SECOND), 0);
  for (int i = 0; i < 6; i++)
    give_at(peer, true, i % 2 ? INT64_MAX : 0, now + (10 + i) * VR_SECOND, 0);
  vr_observer_step(o, now + 10 * VR_SECOND, &sink);
}

/* One host's odd name or size must not cost the others their advice. */
static void an_odd_host_leaves_an_instance(void **state) {
  (void)state;
  for (int t = 0; t < 8; t++) {
    ring(10 * t);
    give("h\xff", "vmrecon_net", "g\xc3", "gauge", "mac_525400000099", 1, 0);
    give("h\xff", "vmrecon_net", "g\xc3", "if_octets", "525400000001", 10 * t,
         0);
    give_level("h\xff", "memory", "used", 1.7e308);
    give_level("h\xff", "memory", "free", 1.7e308);
    assert_int_equal(vr_observer_step(o, now, &sink), 0);
    now += 10 * VR_SECOND;
  }
  assert_true(instances > 0);
  assert_true(is_whole);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_ring_is_seen_and_advised_upon),
      TEST(limits_and_groups_apart_are_kept),
      TEST(a_guest_that_is_not_wanted_is_outside),
      TEST(other_values_are_passed_over),
      TEST(many_threads_may_send),
      TEST(names_that_come_and_go_do_not_fill_it),
      TEST(impossible_times_and_counts_are_refused),
      TEST(an_odd_host_leaves_an_instance),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
