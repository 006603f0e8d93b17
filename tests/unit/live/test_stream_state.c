/* SPDX-License-Identifier: MIT
 *
 * What runs remember: over new models, over a restart.
 */
#include "stream.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void remove_files(const char *path) {
  char current[64];
  snprintf(current, sizeof(current), "%s.v4", path);
  unlink(path);
  unlink(current);
}

static void new_models_go_on_from_the_old_state(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 12; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  /* The same structure, another model beside it that shifts all signals. */
  set_models(r, DIRECT("cpu", "memory-rss:value") "," PROCESSES(FIT("70")));
  for (int t = 12; t < 20; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_near(value_at(13, VR_PROCESSES), expected_processes(13));
  assert_near(answer_at(18, VR_PROCESSES)->counters[VR_PROCESSES].fit, 70);
  /* No models, nothing; models again: from the rest of the history. */
  set_models(r, DIRECT("cpu", "memory-rss:value"));
  for (int t = 20; t < 25; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_null(answer_at(22, VR_PROCESSES));
  vr_live_free(r);
}

/* y(t) = 0.98 y(t-1) + 0.02 u(t), both about OFFSET: rests on u itself. */
#define ABOUT(offset)                                                          \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "memory-rss:value") "],\"offset\":" offset ",\"b\":[0.02]}],\"a\":[1,"   \
                          "-0.98],\"output\":{\"offset\":" offset "}}"

/* Training again changes the means that a model is about, not what is so. */
static void retrained_models_go_on_where_the_old_ones_were(void **state) {
  (void)state;
  struct vr_live *r = start(ABOUT("100"));
  for (int t = 0; t < 400; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 120);
  set_models(r, ABOUT("200"));
  for (int t = 400; t < 700; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 120);
  for (int t = 380; t < 690; t++)
    assert_near(value_at(t, VR_PROCESSES), 120);
  /* It settles in 1 + 149 ticks (0.98^149 < 5 %), and claims nothing before. */
  assert_near(answer_at(398, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  assert_true(isnan(answer_at(401, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_true(isnan(answer_at(540, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_near(answer_at(555, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  vr_live_free(r);
}

/* A model that comes late passes over the inputs that are remembered: its
 * first answer is where it would have been. */
static void a_late_model_is_warm(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 18; t++) {
    if (t == 14)
      set_models(r, DIRECT("cpu", "memory-rss:value") "," PROCESSES(FIT("50")));
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t)); /* nobody asks for it yet */
    feed(r, RSS, t, 1, VR_GAUGE, 1);
  }
  assert_null(answer_at(12, VR_PROCESSES));
  assert_near(value_at(15, VR_PROCESSES), expected_processes(15));
  assert_near(answer_at(15, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  vr_live_free(r);
}

#define TAP "h/vmrecon-g/if_octets-tap:tx"
static void state_survives_a_restart(void **state) {
  (void)state;
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  struct vr_live *r =
      start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  double t = 0;
  for (; t < 14; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  }
  int64_t total = answer_at(12, VR_NET_RX)->counters[VR_NET_RX].total;
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);

  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_live_restore(r, path), 0);
  /* Saving before the guest has appeared again does not lose it. */
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);
  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_live_restore(r, path), 0);
  for (t = 20; t < 40; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    /* One that comes late makes the guest be bound anew. */
    if (t > 21)
      feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  }
  /* A rate takes two samples: of the first tick nothing is known. */
  assert_true(isnan(value_at(20, VR_PROCESSES)));
  /* Inputs were 3 all the time, so that the bridge over 14..20 is exact. */
  assert_near(value_at(22, VR_PROCESSES), expected_processes(22));
  /* It does not claim a fit before it has settled again. */
  assert_true(isnan(answer_at(22, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_near(answer_at(35, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  assert_true(answer_at(30, VR_NET_RX)->counters[VR_NET_RX].total > total);
  vr_live_free(r);
  remove_files(path);
}

static void what_is_no_state_file_is_ignored_with_one_line(void **state) {
  (void)state;
  static const char *const bad[] = {
      "", "no json\n", "{\"format\":\"vmrecon-state\",\"version\":9}\n",
      "{\"format\":\"vmrecon-state\",\"version\":0}\n"};
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    FILE *f = fopen(path, "w");
    fputs(bad[i], f);
    fclose(f);
    struct vr_live *r = start(PROCESSES(FIT("50")));
    assert_int_equal(vr_live_restore(r, path), -EINVAL);
    assert_non_null(strstr(log_text, "ignored: all models start anew\n"));
    for (int t = 0; t < 14; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    assert_near(value_at(9, VR_PROCESSES), 2);
    vr_live_free(r);
  }
  remove_files(path);
  struct vr_live *r = start(PROCESSES(FIT("50")));
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_string_equal(log_text, "");
  vr_live_free(r);
}

/* --- what becomes of it until it is taken up, or is not --- */

/* y(t) = 0.98 y(t-1) + u(t): rests on 50 u, and is far from it for minutes. */
#define SLOW                                                                   \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[1]}],\"a\":[1,-0.98]}"

/* At rest on 1 s/s up to T = 10, then 3 s/s. */
static double expected_slow(int t) {
  double y = 50;
  for (int k = 11; k <= t; k++)
    y = 0.98 * y + 3;
  return y;
}

static char path[] = "/tmp/vr-state-XXXXXX";

static struct vr_live *restart(struct vr_live *r, const char *models) {
  if (r) {
    assert_int_equal(vr_live_save(r, path), 0);
    vr_live_free(r);
  } else {
    strcpy(path + strlen(path) - 6, "XXXXXX");
    close(mkstemp(path));
    remove_files(path);
  }
  r = start(models);
  assert_int_equal(vr_live_restore(r, path), 0);
  return r;
}

static void feed_run(struct vr_live *r, int from, int to) {
  for (int t = from; t < to; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
}

/* The file is written again and again: whatever of it has not been taken up by
 * then is in the next one. */
static void saving_soon_after_a_restart_loses_nothing(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) {
    struct vr_live *r = restart(NULL, SLOW);
    feed_run(r, 0, 40);
    r = restart(r, SLOW);
    feed_run(r, 50, 50 + n);
    r = restart(r, SLOW);
    feed_run(r, 60, 80);
    /* Inputs were 3 all the time, so that every bridge is exact. */
    for (int t = 62; t < 78; t++)
      assert_near(value_at(t, VR_PROCESSES), expected_slow(t));
    vr_live_free(r);
    remove_files(path);
  }
}

static void state_waits_for_an_input_that_comes_late(void **state) {
  (void)state;
  static const char models[] = SLOW "," DIRECT("cpu", "memory-rss:value");
  struct vr_live *r = restart(NULL, models);
  for (int t = 0; t < 40; t++) {
    feed_run(r, t, t + 1);
    feed(r, RSS, t, 1, VR_GAUGE, 1);
  }
  r = restart(r, models);
  for (int t = 42; t < 60; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 1);
  r = restart(r, models);
  for (int t = 60; t < 90; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 1);
    if (t >= 65)
      feed_run(r, t, t + 1);
  }
  for (int t = 70; t < 88; t++)
    assert_near(value_at(t, VR_PROCESSES), expected_slow(t));
  vr_live_free(r);
  remove_files(path);
}

static void sweep(struct vr_live *r, int n) {
  while (n-- > 0)
    vr_live_sweep(r);
}

static void what_is_of_no_use_is_said_in_one_line(void **state) {
  (void)state;
  struct vr_live *r = restart(NULL, SLOW);
  feed_run(r, 0, 40);
  for (int t = 0; t < 40; t++)
    feed(r, "h/vmrecon-gone/derive-vcpu_run:value", t, 1, VR_DERIVE, 1e9 * t);
  r = restart(r, SLOW);
  feed_run(r, 100000, 100020); /* a day and more */
  sweep(r, 20);
  assert_near(value_at(100010, VR_PROCESSES), 150); /* anew, at rest */
  const char *line = strstr(log_text, "saved state: ");
  assert_non_null(line);
  assert_non_null(
      strstr(line, "ignored 1 runs that are too old or damaged, and 0 of"));
  assert_null(strstr(line + 1, "saved state: "));
  for (int i = 0; i < 720; i++) {
    feed_run(r, 100020 + i, 100021 + i);
    vr_live_sweep(r);
  }
  assert_non_null(strstr(line, "saved state: 1 guests have not come back"));
  vr_live_free(r);

  /* The models have changed: both guests' are foreign. */
  r = start(ABOUT("100"));
  assert_int_equal(vr_live_restore(r, path), 0);
  sweep(r, 20);
  assert_non_null(strstr(log_text,
                         "ignored 0 runs that are too old or damaged, and 2 of "
                         "models that are missing or have changed"));
  vr_live_free(r);

  /* Nothing to say where all is well. */
  r = restart(NULL, SLOW);
  feed_run(r, 0, 40);
  r = restart(r, SLOW);
  feed_run(r, 42, 60);
  sweep(r, 20);
  assert_null(strstr(log_text, "saved state: "));
  vr_live_free(r);
  remove_files(path);
}

/* What has no room, whichever part of the file it is, is called by its name. */
static void a_full_disk_is_called_so(void **state) {
  (void)state;
  struct vr_live *r = restart(NULL, SLOW);
  for (int g = 0; g < 100; g++) {
    char name[64];
    snprintf(name, sizeof(name), "h/vmrecon-g%d/derive-vcpu_run:value", g);
    for (int t = 0; t < 5; t++)
      feed(r, name, t, 1, VR_DERIVE, run_time(t));
  }
  struct rlimit old, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  signal(SIGXFSZ, SIG_IGN);
  log_text[0] = '\0';
  for (rlim_t size = 1; size < 20000; size *= 8) {
    small = (struct rlimit){size, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int e = vr_live_save(r, path);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(e, -EFBIG);
  }
  assert_non_null(strstr(log_text, strerror(EFBIG)));
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);
  remove_files(path);
}

/* "caf" and a byte of another encoding than UTF-8. */
static void a_name_that_is_no_text_costs_one_guest_its_state(void **state) {
  (void)state;
  struct vr_live *r = restart(NULL, SLOW);
  feed_run(r, 0, 40);
  for (int t = 0; t < 40; t++)
    feed(r, "h/vmrecon-caf\xe9/derive-vcpu_run:value", t, 1, VR_DERIVE,
         run_time(t));
  assert_int_equal(vr_live_save(r, path), 0);
  const char *line = strstr(log_text, "its name is not UTF-8");
  assert_non_null(line);
  r = restart(r, SLOW);
  feed_run(r, 40, 60);
  assert_near(value_at(50, VR_PROCESSES), expected_slow(50));
  vr_live_free(r);
  remove_files(path);
}

/* A total and the rate beside it must say the same, also over the time when
 * nobody counted. */
static void totals_bridge_a_restart(void **state) {
  (void)state;
  static const char models[] = DIRECT("net_rx", "if_octets-tap:tx");
  struct vr_live *r = restart(NULL, models);
  for (int t = 0; t < 100; t++)
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  int64_t before = answer_at(98, VR_NET_RX)->counters[VR_NET_RX].total;
  r = restart(r, models);
  for (int t = 110; t < 140; t++)
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  for (int t = 112; t < 138; t++)
    assert_int_equal(answer_at(t, VR_NET_RX)->counters[VR_NET_RX].total -
                         before,
                     1000 * (t - 98));
  vr_live_free(r);
  remove_files(path);
}

/* Version 2 did not tell when a total was added to last. */
static void an_older_file_keeps_its_totals(void **state) {
  (void)state;
  struct vr_live *r = restart(NULL, DIRECT("net_rx", "if_octets-tap:tx"));
  FILE *f = fopen(path, "w");
  fputs("{\"format\":\"vmrecon-state\",\"version\":2}\n"
        "{\"host\":\"h\",\"guest\":\"g\",\"totals\":[",
        f);
  for (int c = 0; c < VR_COUNTERS; c++)
    fprintf(f, "%s5000,0.5", c ? "," : "");
  fputs("],\"model_totals\":[", f);
  for (int c = 0; c < VR_COUNTERS; c++)
    fprintf(f, "%s0,0", c ? "," : "");
  fputs("],\"range_alarm\":false,\"runs\":[]}\n", f);
  fclose(f);
  assert_int_equal(vr_live_restore(r, path), 0);
  for (int t = 110; t < 120; t++)
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  assert_int_equal(answer_at(111, VR_NET_RX)->counters[VR_NET_RX].total, 6000);
  vr_live_free(r);
  remove_files(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_models_go_on_from_the_old_state),
      cmocka_unit_test(retrained_models_go_on_where_the_old_ones_were),
      cmocka_unit_test(a_late_model_is_warm),
      cmocka_unit_test(state_survives_a_restart),
      cmocka_unit_test(what_is_no_state_file_is_ignored_with_one_line),
      cmocka_unit_test(saving_soon_after_a_restart_loses_nothing),
      cmocka_unit_test(state_waits_for_an_input_that_comes_late),
      cmocka_unit_test(what_is_of_no_use_is_said_in_one_line),
      cmocka_unit_test(a_full_disk_is_called_so),
      cmocka_unit_test(a_name_that_is_no_text_costs_one_guest_its_state),
      cmocka_unit_test(totals_bridge_a_restart),
      cmocka_unit_test(an_older_file_keeps_its_totals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
