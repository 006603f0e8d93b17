/* SPDX-License-Identifier: MIT
 *
 * One guest under several names: series with and without its host, and a guest
 * whose values come from another host from now on.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* y(t) = 0.98 y(t-1) + u(t): slow, so that a start at rest (50 u) is far from
 * what it says after an hour of it, and from what it says soon after a change.
 */
#define SLOW                                                                   \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[1]}],\"a\":[1,-0.98]}"

#define VIRT "g/virt/virt_cpu_total:value"
#define VIRT_USAGE                                                             \
  "{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":\"static\","   \
  "\"inputs\":[{\"signals\":[\"%{guest}/virt/virt_cpu_total:value\"],"         \
  "\"scale\":1e-9,\"b\":[1]}]}"

/* At rest on 1 s/s up to T = 10, then 3 s/s, wherever the guest is. */
static double expected_slow(int t) {
  double y = 50;
  for (int k = 11; k <= t; k++)
    y = 0.98 * y + 3;
  return y;
}

static const struct vr_counter_answer *said(const char *host, double t,
                                            enum vr_counter c) {
  for (size_t i = 0; i < heard.n; i++)
    if (strcmp(heard.hosts[i], host) == 0 && heard.answers[i].time == at(t) &&
        heard.answers[i].counters[c].present)
      return &heard.answers[i].counters[c];
  return NULL;
}

static double said_value(const char *host, double t, enum vr_counter c) {
  const struct vr_counter_answer *a = said(host, t, c);
  return a ? a->value : NAN;
}

/* The guest g of HOST has run for RUN ns at T. The clock of the sweeps goes as
 * that of the values. */
static void on_host(struct vr_live *r, const char *host, int t, double run) {
  char name[64];
  snprintf(name, sizeof(name), "%s/vmrecon-g/derive-vcpu_run:value", host);
  feed(r, name, t, 1, VR_DERIVE, run);
}

static void sweep_at(struct vr_live *r, int t) {
  if (t % 5 == 0)
    vr_live_sweep(r);
}

static void a_migrated_guest_goes_on(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 120; t++) {
    if (t <= 50)
      on_host(r, "h1", t, run_time(t));
    else /* another process: it counts from zero */
      on_host(r, "h2", t, 3e9 * (t - 50));
    sweep_at(r, t);
  }
  assert_near(said_value("h1", 49, VR_PROCESSES), expected_slow(49));
  /* Until it is known that it is gone from there, it is a new guest at rest. */
  assert_near(said_value("h2", 54, VR_PROCESSES), 150);
  for (int t = 70; t < 118; t++)
    assert_near(said_value("h2", t, VR_PROCESSES), expected_slow(t));
  assert_non_null(
      strstr(log_text,
             "guest g has migrated from h1 to h2: 1 of its models continue"));
  vr_live_free(r);
}

/* While it is copied, its process on the new host is there and stands still. */
static void a_migration_may_take_a_while(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 160; t++) {
    if (t <= 90)
      on_host(r, "h1", t, run_time(t));
    if (t >= 30)
      on_host(r, "h2", t, t < 90 ? 0 : 3e9 * (t - 90));
    sweep_at(r, t);
  }
  assert_near(said_value("h2", 80, VR_PROCESSES), 0);
  for (int t = 110; t < 158; t++)
    assert_near(said_value("h2", t, VR_PROCESSES), expected_slow(t));
  vr_live_free(r);
}

/* Series without a host go on all the time, and must not wear its state out. */
static void a_migrated_guest_goes_on_with_the_virt_plugin(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW "," VIRT_USAGE);
  for (int t = 0; t < 160; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    if (t <= 50)
      on_host(r, "h1", t, run_time(t));
    else
      on_host(r, "h2", t, 3e9 * (t - 50));
    if (t > 90)
      sweep_at(r, t);
  }
  for (int t = 110; t < 158; t++) {
    assert_near(said_value("h2", t, VR_PROCESSES), expected_slow(t));
    assert_near(said_value("h2", t, VR_CPU), 2);
  }
  vr_live_free(r);
}

static void and_back_again(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 200; t++) {
    if (t <= 50)
      on_host(r, "h1", t, run_time(t));
    else if (t <= 120)
      on_host(r, "h2", t, 3e9 * (t - 50));
    else
      on_host(r, "h1", t, 3e9 * (t - 120));
    sweep_at(r, t);
  }
  for (int t = 140; t < 198; t++)
    assert_near(said_value("h1", t, VR_PROCESSES), expected_slow(t));
  vr_live_free(r);
}

/* What was lost on the way is bridged, and until it is forgotten no fit is
 * claimed. */
static void a_long_pause_is_not_hidden(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 300; t++) {
    if (t <= 50)
      on_host(r, "h1", t, run_time(t));
    else if (t >= 70)
      on_host(r, "h2", t, 3e9 * (t - 70));
    sweep_at(r, t);
  }
  /* Inputs were 3 before and after, so that the bridge is exact. */
  assert_near(said_value("h2", 100, VR_PROCESSES), expected_slow(100));
  assert_true(isnan(said("h2", 100, VR_PROCESSES)->fit));
  assert_near(said("h2", 298, VR_PROCESSES)->fit, 50);
  vr_live_free(r);
}

/* Two that have long been side by side are two: when one goes, the other does
 * not become it. */
static void two_of_one_name_stay_apart(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 760; t++) {
    if (t <= 700)
      on_host(r, "h1", t, run_time(t));
    on_host(r, "h2", t, 1e9 * t);
    sweep_at(r, t);
  }
  assert_near(said_value("h1", 690, VR_PROCESSES), expected_slow(690));
  for (int t = 600; t < 758; t++)
    assert_near(said_value("h2", t, VR_PROCESSES), 50);
  vr_live_free(r);
}

/* A guest that is still there is nobody's past. */
static void a_new_guest_of_the_name_begins_at_rest(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 120; t++) {
    on_host(r, "h1", t, run_time(t));
    if (t >= 40)
      on_host(r, "h2", t, 2e9 * (t - 40));
    sweep_at(r, t);
  }
  for (int t = 45; t < 118; t++)
    assert_near(said_value("h2", t, VR_PROCESSES), 100);
  vr_live_free(r);
}

/* --- series without the host --- */

/* Our own read plugin with HostnameFormat name: all of the guest's series, its
 * size and accelerator among them, have its name in the host's place. */
static void our_own_series_may_tell_the_name_only(void **state) {
  (void)state;
  struct vr_live *r = start(
      "{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
      "\"static\",\"accelerator\":\"tcg\",\"inputs\":[{\"signals\":[" OURS(
          "derive-vcpu_run:value") "],\"scale\":1e-7,\"per\":\"vcpu\",\"b\":[1]"
                                   "}]}," DIRECT("load", "load:shortterm"));
  for (int t = 0; t < 30; t++) {
    feed(r, "web/vmrecon/gauge-accelerator:value", t, 1, VR_GAUGE,
         VR_ACCEL_TCG);
    feed(r, "web/vmrecon/count-vcpus:value", t, 1, VR_GAUGE, 2);
    feed(r, "web/vmrecon/derive-vcpu_run:value", t, 1, VR_DERIVE, 1e9 * t);
  }
  for (int t = 5; t < 28; t++)
    assert_near(said_value("web", t, VR_CPU), 50);
  assert_int_equal(vr_live_stats(r).guests, 1);
  vr_live_free(r);
}

/* What a model asks of the host is the host's. */
static void a_hosts_own_signal_is_no_guests(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT(
      "load", "load:shortterm") ",{\"counter\":\"cpu\",\"provenance\":"
                                "\"direct\",\"structure\":\"static\","
                                "\"inputs\":[{\"signals\":[\"%{host}/"
                                "vmrecon/load:shortterm\"],\"b\":[1]}]}");
  for (int t = 0; t < 30; t++)
    feed(r, "h/vmrecon/load:shortterm", t, 1, VR_GAUGE, 3);
  assert_int_equal(vr_live_stats(r).guests, 0);
  vr_live_free(r);
}

/* 10 a byte of memory on the host's word, and the virt plugin's CPU seconds. */
#define BOTH                                                                   \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"fir\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "memory-rss:value") "],\"b\":[10]},{\"signals\":[\"%{guest}/virt/"       \
                          "virt_cpu_total:value\"],\"scale\":1e-9,\"b\":[1]}]" \
                          "}"

static void a_model_may_have_inputs_of_both(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH);
  for (int t = 0; t < 40; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    feed(r, RSS, t, 1, VR_GAUGE, 7);
    sweep_at(r, t);
  }
  for (int t = 10; t < 38; t++)
    assert_near(said_value("h", t, VR_PROCESSES), 72);
  vr_live_free(r);
}

static void so_it_may_where_the_host_comes_late(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH "," VIRT_USAGE);
  for (int t = 0; t < 60; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    if (t >= 20)
      feed(r, RSS, t, 1, VR_GAUGE, 7);
    sweep_at(r, t);
  }
  assert_near(said_value("g", 15, VR_CPU), 2); /* its own host so far */
  assert_near(said_value("h", 40, VR_CPU), 2);
  assert_null(said("g", 40, VR_CPU));
  assert_near(said_value("h", 40, VR_PROCESSES), 72);
  vr_live_free(r);
}

static void alone_they_make_it_its_own_host_again(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH "," VIRT_USAGE);
  for (int t = 0; t < 120; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    if (t < 20)
      feed(r, RSS, t, 1, VR_GAUGE, 7);
    vr_live_sweep(r); /* as if five seconds had gone by */
  }
  assert_near(said_value("h", 18, VR_CPU), 2);
  assert_null(said("g", 60, VR_CPU));
  assert_near(said_value("g", 110, VR_CPU), 2);
  assert_null(said("h", 110, VR_CPU));
  vr_live_free(r);
}

static void they_follow_a_migration(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH);
  for (int t = 0; t < 120; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    if (t <= 50)
      feed(r, RSS, t, 1, VR_GAUGE, 7);
    if (t >= 45)
      feed(r, "h2/vmrecon-g/memory-rss:value", t, 1, VR_GAUGE, 8);
    sweep_at(r, t);
  }
  assert_near(said_value("h", 48, VR_PROCESSES), 72);
  assert_near(said_value("h2", 100, VR_PROCESSES), 82);
  assert_null(said("h", 100, VR_PROCESSES));
  vr_live_free(r);
}

static void of_two_nobody_knows_whose_they_are(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH);
  for (int t = 0; t < 760; t++) {
    feed(r, VIRT, t, 1, VR_DERIVE, 2e9 * t);
    feed(r, RSS, t, 1, VR_GAUGE, 7);
    feed(r, "h2/vmrecon-g/memory-rss:value", t, 1, VR_GAUGE, 8);
    sweep_at(r, t);
  }
  assert_near(said_value("h", 500, VR_PROCESSES), 72); /* the first of them */
  for (int t = 700; t < 758; t++) {
    assert_null(said("h", t, VR_PROCESSES));
    assert_null(said("h2", t, VR_PROCESSES));
  }
  const char *line = strstr(log_text, "guest g: several hosts have a guest");
  assert_non_null(line);
  assert_null(strstr(line + 1, "guest g: several"));
  vr_live_free(r);
}

/* --- native names, which hold no host --- */

static bool is_named(const char *host, double t) {
  for (size_t i = 0; i < heard.n; i++)
    if (strcmp(heard.hosts[i], host) == 0 && heard.answers[i].time == at(t))
      return heard.answers[i].named;
  return false;
}

static void native_names_are_one_guests(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 1000; t++) {
    on_host(r, "h1", t, 1e9 * t);
    if (t < 900)
      on_host(r, "h2", t, 1e9 * t);
    sweep_at(r, t);
  }
  for (int t = 5; t < 895; t++)
    assert_int_equal(is_named("h1", t) + is_named("h2", t), 1);
  /* Also while nobody knows who is meant, and when one is left. */
  assert_true(is_named("h1", 5) && is_named("h1", 850) && is_named("h1", 990));
  vr_live_free(r);
}

static void they_go_with_the_guest(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 120; t++) {
    on_host(r, t <= 50 ? "h1" : "h2", t, 1e9 * t);
    sweep_at(r, t);
  }
  assert_true(is_named("h1", 45));
  assert_true(is_named("h2", 100));
  vr_live_free(r);
}

static void the_last_of_the_name_has_them(void **state) {
  (void)state;
  struct vr_live *r = start(SLOW);
  for (int t = 0; t < 900; t++) {
    if (t < 700)
      on_host(r, "h1", t, 1e9 * t);
    on_host(r, "h2", t, 1e9 * t);
    vr_live_sweep(r); /* h1 is forgotten */
  }
  assert_true(is_named("h1", 690) && !is_named("h2", 690));
  assert_true(is_named("h2", 890));
  vr_live_free(r);
}

/* A namesake may be known of which nothing is kept: it has no times. */
static void a_namesake_without_times_is_not_there(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.history_bytes = 0; /* what no model wants is not remembered */
  struct vr_live *r = start_with(o, SLOW "," VIRT_USAGE);
  for (int t = 0; t < 40; t++) {
    on_host(r, "h1", t, run_time(t));
    feed(r, "h2/vmrecon-g/memory-rss:value", t, 1, VR_GAUGE, 1);
    feed(r, VIRT, t, 1, VR_DERIVE, run_time(t));
    sweep_at(r, t);
  }
  assert_int_equal(vr_live_stats(r).guests, 2);
  assert_near(said_value("h1", 30, VR_CPU), 3);
  assert_null(strstr(log_text, "several hosts"));
  assert_null(strstr(log_text, "has gone"));
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_migrated_guest_goes_on),
      cmocka_unit_test(a_migration_may_take_a_while),
      cmocka_unit_test(a_migrated_guest_goes_on_with_the_virt_plugin),
      cmocka_unit_test(and_back_again),
      cmocka_unit_test(a_long_pause_is_not_hidden),
      cmocka_unit_test(two_of_one_name_stay_apart),
      cmocka_unit_test(a_new_guest_of_the_name_begins_at_rest),
      cmocka_unit_test(our_own_series_may_tell_the_name_only),
      cmocka_unit_test(a_hosts_own_signal_is_no_guests),
      cmocka_unit_test(a_model_may_have_inputs_of_both),
      cmocka_unit_test(so_it_may_where_the_host_comes_late),
      cmocka_unit_test(alone_they_make_it_its_own_host_again),
      cmocka_unit_test(they_follow_a_migration),
      cmocka_unit_test(of_two_nobody_knows_whose_they_are),
      cmocka_unit_test(native_names_are_one_guests),
      cmocka_unit_test(they_go_with_the_guest),
      cmocka_unit_test(the_last_of_the_name_has_them),
      cmocka_unit_test(a_namesake_without_times_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
