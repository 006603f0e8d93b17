/* SPDX-License-Identifier: MIT
 *
 * State files of this and of earlier versions, whole and broken.
 */
#include "stream.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "live/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* y(t) = 0.98 y(t-1) + u(t): rests on 50 u, and is far from it for minutes. */
#define SLOW                                                                   \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[1]}],\"a\":[1,-0.98]}"
/* Of the last counter that version 3 knew. */
#define EXECUTION                                                              \
  "{\"counter\":\"execution\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"fir\",\"step\":1," FIT("60") "\"inputs\":[{\"signals\":[" OURS(           \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"per\":\"vcpu\",\"b\":[10,"  \
                               "5,1]}]}"
#define MODELS SLOW "," EXECUTION "," DIRECT("net_rx", "if_octets-tap:tx")

/* What version 3 wrote after 40 seconds of feed_until(): twelve counters were
 * before execution, 39 000 bytes were received. */
#define V3_HEAD "{\"format\":\"vmrecon-state\",\"version\":3}\n"
#define V3_TOTALS(bytes)                                                       \
  "\"totals\":[0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0," \
  "0,0,0.0,0," bytes ",0.0,1700000039000000000,0,0.0,0,0,0.0,0,0,0.0,0],"      \
  "\"model_totals\":[0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0," \
  "0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0,0,0.0,0],"
#define V3_RUNS                                                                \
  "\"range_alarm\":false,\"runs\":[{\"model\":\"e241ea05067f808e\",\"tick\":"  \
  "1700000039,\"state\":[39.0,0.0,1.0,94.338334756894113,"                     \
  "49.999999999999957,49.999999999999957,0.0,0.0,3.0,94.338334756894113,"      \
  "3.0]},{\"model\":\"8ad2b76ad0365773\",\"tick\":1700000039,\"state\":[2.0,"  \
  "0.0,1.0,24.0,8.0,8.0,0.0,0.0,1.5,1.5,1.5,1.5]}]}\n"
#define V3_GUEST(name, bytes)                                                  \
  "{\"host\":\"h\",\"guest\":\"" name "\"," V3_TOTALS(bytes) V3_RUNS

/* The same guest in version 4, of which the runs are V3_RUNS. */
#define V4_HEAD "{\"format\":\"vmrecon-state\",\"version\":4}\n"
#define V4_TOTALS(bytes, more)                                                 \
  "\"totals\":{\"net_rx\":[" bytes ",0.0,1700000039000000000]" more            \
  "},\"model_totals\":{},"
#define V4_RUNS(tick)                                                          \
  "\"runs\":[{\"model_v3\":\"e241ea05067f808e\",\"tick\":" tick                \
  ",\"state\":[39.0,0.0,1.0,94.338334756894113,49.9,49.9,0.0,0.0,3.0,"         \
  "94.338334756894113,3.0]}]}\n"
#define V4_GUEST(name, bytes, more, tick)                                      \
  "{\"host\":\"h\",\"guest\":\"" name "\"," V4_TOTALS(bytes, more) V4_RUNS(tick)

static char path[32], current[40];

static int make_path(void **state) {
  (void)state;
  strcpy(path, "/tmp/vr-state-XXXXXX");
  close(mkstemp(path));
  unlink(path);
  snprintf(current, sizeof(current), "%s.v4", path);
  return 0;
}

static int remove_files(void **state) {
  (void)state;
  unlink(path);
  unlink(current);
  return 0;
}

static void put(const char *file, const char *text) {
  assert_int_equal(vr_file_write_atomic(file, text, strlen(text)), 0);
}

static char *get(const char *file) {
  char *text = NULL;
  assert_int_equal(vr_file_read(file, 1 << 20, &text, NULL), 0);
  return text;
}

/* At rest on 1 s/s up to T = 10, then 3 s/s. */
static double expected_slow(int t) {
  double y = 50;
  for (int k = 11; k <= t; k++)
    y = 0.98 * y + 3;
  return y;
}

static void feed_guest(struct vr_live *r, const char *guest, int from, int to) {
  static const char *const series[] = {"count-vcpus", "derive-vcpu_run",
                                       "if_octets-tap"};
  for (int t = from; t < to; t++)
    for (int i = 0; i < 3; i++) {
      char name[80];
      snprintf(name, sizeof(name), "h/vmrecon-%s/%s:%s", guest, series[i],
               i < 2 ? "value" : "tx");
      feed(r, name, t, 1, i == 0 ? VR_GAUGE : VR_DERIVE,
           i == 0   ? 2
           : i == 1 ? run_time(t)
                    : 1000. * t);
    }
}

static int64_t total_at(int t) {
  return answer_at(t, VR_NET_RX)->counters[VR_NET_RX].total;
}

/* Does guest g go on from its state of 40 seconds, at 50? */
static void assert_goes_on(struct vr_live *r) {
  feed_guest(r, "g", 50, 70);
  for (int t = 52; t < 68; t++) {
    assert_near(value_at(t, VR_PROCESSES), expected_slow(t));
    assert_near(value_at(t, VR_EXECUTION), 24);
    assert_int_equal(total_at(t), 1000 * t);
  }
  assert_null(strstr(log_text, "ignored"));
}

/* A fresh start: the run rests on its input, the total begins with the first
 * tick. */
static void assert_begins_anew(struct vr_live *r, const char *guest) {
  heard.n = 0;
  feed_guest(r, guest, 50, 70);
  assert_near(value_at(60, VR_PROCESSES), 150);
  assert_in_range(total_at(60), 1, 12000);
}

static void a_file_of_version_3_is_read(void **state) {
  (void)state;
  put(path, V3_HEAD V3_GUEST("g", "39000") V3_GUEST("other", "19500"));
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_non_null(strstr(log_text, "read the state of 2 guests"));
  assert_goes_on(r);
  for (int i = 0; i < 20; i++)
    vr_live_sweep(r);
  assert_null(strstr(log_text, "ignored"));
  vr_live_free(r);
}

/* What has not been used is saved again, and is the same state as before. */
static void what_waits_of_version_3_waits_on(void **state) {
  (void)state;
  put(path, V3_HEAD V3_GUEST("g", "39000"));
  for (int i = 0; i < 3; i++) {
    /* Without its models at first. */
    struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
    assert_int_equal(vr_live_restore(r, path), 0);
    assert_int_equal(vr_live_save(r, path), 0);
    vr_live_free(r);
  }
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_goes_on(r);
  vr_live_free(r);
}

/* The file of the earlier version is there as it was. */
static void a_downgrade_finds_its_file(void **state) {
  (void)state;
  static const char before[] = V3_HEAD V3_GUEST("g", "39000");
  put(path, before);
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_guest(r, "g", 41, 60);
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);
  vr_auto_free char *after = get(path);
  assert_string_equal(after, before);

  /* This version goes on from its own file, not from the older one. */
  r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_guest(r, "g", 60, 70);
  assert_near(value_at(65, VR_PROCESSES), expected_slow(65));
  vr_live_free(r);
}

/* The earlier version has run in between: its file is the newer one. */
static void the_file_that_was_written_last_is_read(void **state) {
  (void)state;
  put(current, V4_HEAD V4_GUEST("g", "100", "", "1600000000"));
  put(path, V3_HEAD V3_GUEST("g", "39000"));
  struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
  assert_int_equal(utimensat(AT_FDCWD, current, times, 0), 0);
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_goes_on(r);
  vr_live_free(r);
}

/* Version 1 had neither an alarm nor the two numbers about the range; twelve
 * counters, and totals without times. */
static void a_file_of_version_1_is_read(void **state) {
  (void)state;
  put(path,
      "{\"format\":\"vmrecon-state\",\"version\":1}\n"
      "{\"host\":\"h\",\"guest\":\"g\",\"totals\":[0,0,0,0,0,0,0,0,0,0,0,"
      "0,0,0,0,0,0,0,50000,0.5,0,0,0,0],\"model_totals\":[0,0,0,0,0,0,0,0,"
      "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],\"runs\":[{\"model\":"
      "\"e241ea05067f808e\",\"tick\":1700000039,\"state\":[39.0,0.0,1.0,"
      "94.338334756894113,50.0,50.0,3.0,94.338334756894113,3.0]}]}\n");
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_guest(r, "g", 50, 70);
  assert_near(value_at(60, VR_PROCESSES), expected_slow(60));
  assert_in_range(total_at(51), 51000, 51001);
  vr_live_free(r);
}

/* A later build has one counter more: its total is skipped, and what is of the
 * counters that are known is read. */
static void a_counter_more_in_the_file_loses_nothing(void **state) {
  (void)state;
  put(current,
      V4_HEAD V4_GUEST("g", "39000", ",\"swap_in\":[7,0.5,17]", "1700000039"));
  struct vr_live *r = start(SLOW "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_guest(r, "g", 50, 70);
  assert_near(value_at(60, VR_PROCESSES), expected_slow(60));
  assert_int_equal(total_at(60), 60000);
  vr_live_free(r);
}

/* An earlier build had fewer: then the others begin at 0. */
static void a_counter_fewer_in_the_file_loses_nothing(void **state) {
  (void)state;
  put(current, V4_HEAD V4_GUEST("g", "39000", "", "1700000039"));
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  feed_guest(r, "g", 50, 70);
  assert_near(value_at(60, VR_PROCESSES), expected_slow(60));
  assert_near(value_at(60, VR_EXECUTION), 24);
  assert_int_equal(total_at(60), 60000);
  vr_live_free(r);
}

/* Each of these costs the guest "bad" its state, with one line that names file,
 * line and guest as far as it is known; guest g, after it, keeps its own. */
static void a_broken_line_costs_that_guest_only(void **state) {
  (void)state;
#define BAD(rest) "{\"host\":\"h\",\"guest\":\"bad\"," rest
#define NO_RUNS "\"runs\":[]}\n"
  static const char *const bad[] = {
      "\n",
      "no json\n",
      "[1,2]\n",
      "{\"host\":\"h\"}\n",
      BAD("\"totals\":{\"net_rx\":[39000,0\n"),
      BAD("\"totals\":[],\"model_totals\":{}," NO_RUNS),
      BAD("\"totals\":{}," NO_RUNS),
      BAD("\"totals\":{},\"model_totals\":{}}\n"),
      BAD("\"totals\":{\"net_rx\":5},\"model_totals\":{}," NO_RUNS),
      BAD("\"totals\":{\"net_rx\":[NaN,0,0]},\"model_totals\":{}," NO_RUNS),
      BAD("\"totals\":{\"net_rx\":[5,0,-1]},\"model_totals\":{}," NO_RUNS),
      BAD("\"totals\":{\"net_rx\":[1e400,0,0]},\"model_totals\":{}," NO_RUNS),
      BAD("\"totals\":{\"net_rx\":[99999999999999999999,0,0]},"
          "\"model_totals\":{}," NO_RUNS),
      V4_GUEST("bad", "39000", "", "-9223372036854775808"),
      V4_GUEST("bad", "39000", "", "-9223372036854775807"),
      V4_GUEST("bad", "39000", "", "9223372036854775807"),
      V4_GUEST("bad", "39000", "", "9223372036854775808"),
      V4_GUEST("bad", "39000", "", "1.7e9"),
      V4_GUEST("bad", "39000", "", "null"),
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    char text[4096], line[80];
    snprintf(text, sizeof(text), V4_HEAD "%s%s", bad[i],
             V4_GUEST("g", "39000", "", "1700000039"));
    put(current, text);
    struct vr_live *r = start(SLOW "," DIRECT("net_rx", "if_octets-tap:tx"));
    assert_int_equal(vr_live_restore(r, path), 0);
    snprintf(line, sizeof(line), "%s, line 2: %s", current,
             strstr(bad[i], "\"bad\"") ? "guest bad on h: "
                                       : "a guest without");
    assert_non_null(strstr(log_text, line));
    assert_null(strstr(strstr(log_text, line) + 1, line));
    feed_guest(r, "g", 50, 70);
    assert_near(value_at(60, VR_PROCESSES), expected_slow(60));
    assert_int_equal(total_at(60), 60000);
    assert_begins_anew(r, "bad");
    vr_live_free(r);
  }
}

/* A file that was cut in the middle of its last line. */
static void a_cut_file_costs_its_last_guest_only(void **state) {
  (void)state;
  static const char whole[] =
      V3_HEAD V3_GUEST("g", "39000") V3_GUEST("other", "19500");
  vr_auto_free char *cut = strdup(whole);
  cut[sizeof(whole) - 60] = '\0';
  put(path, cut);
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_non_null(strstr(log_text, "line 3: guest other on h: "));
  log_text[0] = '\0';
  assert_goes_on(r);
  vr_live_free(r);
}

/* Numbers that no run can have are no state: it begins anew. */
static void absurd_numbers_are_no_state(void **state) {
  (void)state;
  static const char *const absurd[] = {"1e300", "-1e300", "1e101"};
  for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
    char text[2048];
    snprintf(text, sizeof(text),
             V4_HEAD "{\"host\":\"h\",\"guest\":\"g\",\"totals\":{},"
                     "\"model_totals\":{},\"runs\":[{\"model_v3\":"
                     "\"e241ea05067f808e\",\"tick\":1700000039,\"state\":[39,0,"
                     "1,94,50,50,0,0,3,%s,3]}]}\n",
             absurd[i]);
    put(current, text);
    struct vr_live *r = start(MODELS);
    assert_int_equal(vr_live_restore(r, path), 0);
    assert_begins_anew(r, "g");
    vr_live_free(r);
  }
}

static void many_broken_lines_are_counted(void **state) {
  (void)state;
  vr_auto_free char *text = calloc(1, 4096);
  strcpy(text, V4_HEAD);
  for (int i = 0; i < 30; i++)
    strcat(text, "broken\n");
  put(current, text);
  struct vr_live *r = start(MODELS);
  assert_int_equal(vr_live_restore(r, path), 0);
  assert_non_null(strstr(log_text, "line 11: "));
  assert_null(strstr(log_text, "line 12: "));
  assert_non_null(strstr(log_text, "20 more lines are broken"));
  vr_live_free(r);
}

/* Another number of a counter in the table must not change the new kind. */
static void fingerprints_are_by_name(void **state) {
  (void)state;
  struct vr_model m = {.counter = VR_LOAD, .structure = VR_STATIC};
  assert_true(vr_live_fingerprint(&m) == UINT64_C(0x5aaa607be6035b83));
  uint64_t v3 = vr_live_fingerprint_v3(&m);
  m.counter = VR_PROCESSES;
  assert_true(vr_live_fingerprint_v3(&m) != v3);
  assert_true(vr_live_fingerprint_v3(&m) != vr_live_fingerprint(&m));
  assert_string_equal(vr_live_counter_v3(0), "load");
  assert_string_equal(vr_live_counter_v3(12), "execution");
  assert_null(vr_live_counter_v3(13));
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_path, remove_files)
  const struct CMUnitTest tests[] = {
      TEST(a_file_of_version_3_is_read),
      TEST(what_waits_of_version_3_waits_on),
      TEST(a_downgrade_finds_its_file),
      TEST(the_file_that_was_written_last_is_read),
      TEST(a_file_of_version_1_is_read),
      TEST(a_counter_more_in_the_file_loses_nothing),
      TEST(a_counter_fewer_in_the_file_loses_nothing),
      TEST(a_broken_line_costs_that_guest_only),
      TEST(a_cut_file_costs_its_last_guest_only),
      TEST(absurd_numbers_are_no_state),
      TEST(many_broken_lines_are_counted),
      TEST(fingerprints_are_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
