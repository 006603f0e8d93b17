/* SPDX-License-Identifier: MIT
 *
 * Load by law in the engine: at any interval, with and without requests in
 * flight, over gaps, restarts and migrations, and judged by the guest's own
 * values. What is expected is worked out by hand from d, the part of the
 * 1-minute average that so many seconds leave: (1884/2048)^(seconds/5).
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK "h/vmrecon-g/disk_time-block:read"
#define VCPUS "h/vmrecon-g/count-vcpus:value"

#define BUSY                                                                   \
  "{\"signals\":[" OURS("derive-vcpu_run:value") "],\"scale\":1e-9,"           \
                                                 "\"b\":[1,1,1]}"
#define IN_FLIGHT                                                              \
  "{\"signals\":[" OURS("disk_time-block:read") "],\"scale\":0.001,"           \
                                                "\"b\":[0,0.5,1]}"
#define LAW_OF(inputs)                                                         \
  "{\"counter\":\"load\",\"provenance\":\"derived\",\"structure\":"            \
  "\"load_law\",\"inputs\":[" inputs "],\"output\":{\"min\":0}}"
/* With requests in flight where they are known, of which half count. */
#define LAW LAW_OF(BUSY "," IN_FLIGHT) "," LAW_OF(BUSY)
#define TRAINED(fit)                                                           \
  "{\"counter\":\"load\",\"provenance\":\"inferred\",\"structure\":\"fir\","   \
  "\"step\":1," FIT(fit) "\"inputs\":[{\"signals\":[" OURS(                    \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[7]}]}"

static double left(double seconds) { return pow(1884. / 2048, seconds / 5); }

/* What chance in the kernel's looking adds to a bound of an average whose queue
 * has the variance V: see test_load_law.c. */
static double margin(double v, int a) {
  static const double e[] = {1884. / 2048, 2014. / 2048, 2037. / 2048};
  return 1.645 * sqrt(v * (1 - e[a]) / (1 + e[a]));
}

/* A guest of two vCPUs that is busy with so many of them from FROM to before TO
 * (and was idle before), and has requests in flight, if not negative. */
static void go_on(struct vr_live *r, double from, double to, double interval,
                  double busy, double in_flight) {
  for (double t = from; t < to; t += interval) {
    feed(r, VCPUS, t, interval, VR_GAUGE, 2);
    feed(r, RUN, t, interval, VR_DERIVE, 1e9 * busy * t);
    if (in_flight >= 0)
      feed(r, DISK, t, interval, VR_DERIVE, 1000 * in_flight * t);
  }
}

static const struct vr_counter_answer *load_at(double t) {
  const struct vr_answer *a = answer_at(t, VR_LOAD);
  if (!a)
    fail_msg("no load at %g", t);
  return &a->counters[VR_LOAD];
}

static const struct vr_load_bracket *bracket_at(double t) {
  load_at(t);
  return &answer_at(t, VR_LOAD)->load;
}

static void assert_about(double x, double y) {
  if (!(fabs(x - y) <= 1e-3))
    fail_msg("%.6g is not %.6g", x, y);
}

static const double intervals[] = {1, 10, 60};
enum { INTERVALS = 3 };

/* The epoch is 20 s after a full minute: ticks of 60 s end at 40, 100, ... */
static double first_tick(double interval) { return interval == 60 ? 40 : 0; }

static void serves_any_interval(void **state) {
  (void)state;
  for (int i = 0; i < INTERVALS; i++) {
    double s = intervals[i], t = first_tick(s);
    struct vr_live *r = start(LAW);
    go_on(r, t, t + 3000 + 2 * s, s, 0.5, 4);
    /* From the first tick on: of what was before nothing is known. */
    const struct vr_counter_answer *a = load_at(t + s);
    assert_int_equal(a->provenance, VR_DERIVED);
    assert_true(isnan(a->fit));
    assert_near(a->value, 2.5);
    assert_true(isnan(a->midterm) && isnan(a->longterm));
    const struct vr_load_bracket *b = bracket_at(t + s);
    assert_true(b->present && b->wide && !a->has_interval);
    double seen = sqrt(1 - left(s) * left(s)); /* of the deviation */
    assert_about(b->lower[0],
                 fmax(0.5 * (1 - left(s)) - seen * margin(0.375, 0), 0));
    /* As if all of it had been the most that was seen, 4.5. */
    assert_about(b->upper[0], 4.5 + seen * margin(4.375, 0));
    /* The 5-minute average is known after 895 s, the other after 2781 s. */
    assert_true(isnan(load_at(t + 840)->midterm));
    assert_near(load_at(t + 960)->midterm, 2.5);
    assert_true(isnan(load_at(t + 2760)->longterm));
    assert_near(load_at(t + 2820)->longterm, 2.5);
    b = bracket_at(t + 3000);
    assert_about(b->lower[0], 0.5 - margin(0.375, 0));
    assert_about(b->upper[0], 4.5 + margin(4.375, 0));
    assert_about(b->upper[1], 4.5 + margin(4.375, 1));
    vr_live_free(r);
  }
}

/* Steps of the queue: 1 for an hour, then 2. After one minute e^-1 is left. */
static void decays_as_the_kernel_whatever_the_interval(void **state) {
  (void)state;
  for (int i = 0; i < INTERVALS; i++) {
    double s = intervals[i], jump = 3000 + first_tick(s);
    struct vr_live *r = start(LAW);
    for (double t = first_tick(s); t < jump + 400; t += s)
      feed(r, RUN, t, s, VR_DERIVE, 1e9 * (t < jump ? t : 2 * t - jump));
    assert_about(load_at(jump)->value, 1);
    assert_about(load_at(jump + 60)->value, 2 - left(60));
    assert_about(load_at(jump + 300)->value, 2 - left(300));
    assert_about(load_at(jump + 300)->midterm, 2 - pow(2014. / 2048, 60));
    vr_live_free(r);
  }
}

/* QEMU's answers come late, and end. */
static void requests_in_flight_come_and_go(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  go_on(r, 0, 600, 10, 1, -1);
  assert_near(load_at(580)->value, 1);
  assert_false(bracket_at(580)->wide);
  assert_about(bracket_at(580)->upper[0], 1 + margin(0.5, 0));
  assert_non_null(strstr(log_text, "derived: load (tasks that wait for disks"));
  log_text[0] = '\0';
  go_on(r, 600, 1200, 10, 1, 4);
  assert_non_null(strstr(log_text, "derived: load; "));
  assert_about(load_at(1180)->value, 3);
  assert_about(bracket_at(1180)->upper[0], 5 + margin(4.5, 0));
  assert_true(bracket_at(1180)->wide);
  assert_near(load_at(1180)->midterm > 1.5 && load_at(1180)->midterm < 3, 1);
  /* A series has stopped after three intervals and the lateness; then nothing
   * is known for five minutes. */
  go_on(r, 1200, 1700, 10, 1, -1);
  assert_true(isnan(load_at(1300)->value) && isnan(load_at(1500)->value));
  assert_true(bracket_at(1300)->present && isnan(bracket_at(1300)->upper[0]));
  assert_near(load_at(1640)->value > 1 && load_at(1640)->value < 1.2, 1);
  vr_live_free(r);
}

static void a_gap_does_not_reset(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  go_on(r, 0, 600, 10, 2, -1);
  go_on(r, 660, 800, 10, 2, -1); /* nothing for a minute */
  assert_near(load_at(690)->value, 2);
  const struct vr_load_bracket *b = bracket_at(690);
  assert_true(b->lower[0] > 0.5 && b->lower[0] < 1.7);
  assert_about(b->upper[0], 2);    /* both vCPUs */
  go_on(r, 4400, 4500, 10, 0, -1); /* and for an hour */
  assert_near(load_at(4430)->value, 0);
  b = bracket_at(4430);
  assert_true(b->lower[0] < 0.01 && b->upper[0] > 1 && b->wide);
  assert_true(isnan(load_at(4430)->midterm));
  vr_live_free(r);
}

/* --- what is remembered --- */

static void restart_at(double saved_interval, double interval) {
  char path[] = "/tmp/vr-law-XXXXXX", current[64];
  close(mkstemp(path));
  struct vr_live *r = start(LAW);
  go_on(r, 0, 3600, saved_interval, 2, 1);
  assert_int_equal(vr_live_save(r, path), 0);
  vr_live_free(r);
  r = start(LAW);
  assert_int_equal(vr_live_restore(r, path), 0);
  /* QEMU is asked again a little later. */
  go_on(r, 3660, 3720, interval, 2, -1);
  go_on(r, 3720, 3900, interval, 2, 1);
  /* The minute or more that was lost is unknown, and not more: from scratch the
   * value would be 2, and the lower bound a tick's, 0.31 at most. */
  double t = 3660 + 2 * interval;
  assert_true(load_at(t)->value > 2.1 && load_at(t)->value < 2.5);
  assert_true(bracket_at(t)->lower[0] > 0.55 && bracket_at(t)->lower[0] < 1.4);
  assert_true(isnan(load_at(t)->midterm));
  assert_null(strstr(log_text, "start anew"));
  vr_live_free(r);
  unlink(path);
  snprintf(current, sizeof(current), "%s.v4", path);
  unlink(current);
}

static void survives_a_restart_at_any_interval(void **state) {
  (void)state;
  restart_at(10, 10);
  restart_at(1, 10);
  restart_at(10, 1);
}

static void goes_along_when_the_guest_migrates(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  for (int t = 0; t < 1300; t += 10) {
    const char *name = t <= 1000 ? RUN : "h2/vmrecon-g/derive-vcpu_run:value";
    feed(r, name, t, 10, VR_DERIVE, t <= 1000 ? 2e9 * t : 1e9 * (t - 1000));
    for (int i = 0; i < 2; i++)
      vr_live_sweep(r);
  }
  assert_non_null(strstr(log_text, "1 of its models continue"));
  /* From scratch it would be 1: at 1100 s it still knows of 2 before 1000. */
  double moved = NAN;
  for (size_t i = 0; i < heard.n; i++)
    if (heard.answers[i].time == at(1100) && strcmp(heard.hosts[i], "h2") == 0)
      moved = heard.answers[i].counters[VR_LOAD].value;
  assert_true(moved > 1.1 && moved < 1.3);
  vr_live_free(r);
}

/* --- the guest's own values --- */

#define OWN "g/load/load:shortterm"

/* Busy with 0 and 2 vCPUs in turns of five minutes; the guest says FACTOR times
 * what that makes, and SHIFT. */
static void run_and_tell(struct vr_live *r, int from, int to, double factor,
                         double shift) {
  static double load, busy_until;
  if (from == 0)
    load = busy_until = 0;
  for (int t = from; t < to; t += 10) {
    int busy = (t - 10) / 300 % 2 ? 2 : 0;
    if (t > 0) {
      busy_until += 10.0 * busy;
      load = left(10) * load + (1 - left(10)) * busy;
    }
    feed(r, VCPUS, t, 10, VR_GAUGE, 2);
    feed(r, RUN, t, 10, VR_DERIVE, 1e9 * busy_until);
    feed(r, OWN, t, 10, VR_GAUGE, factor * load + shift);
  }
}

static unsigned count(const char *text, const char *what) {
  unsigned n = 0;
  for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
    n++;
  return n;
}

static void has_a_fit_when_the_guest_has_judged_it(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  run_and_tell(r, 0, 3600, 1, 0);
  assert_true(isnan(load_at(1200)->fit));
  assert_true(load_at(1800)->fit >= 95 && load_at(3500)->fit >= 98);
  assert_true(isfinite(load_at(3500)->value));
  assert_null(strstr(log_text, "withheld"));
  vr_live_free(r);
}

/* Twelve tasks in a guest of two vCPUs, say: their queue is not seen. */
static void withheld_where_it_is_worse_than_the_mean(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  run_and_tell(r, 0, 3600, 1, 10);
  assert_true(isfinite(load_at(1200)->value));
  assert_true(isnan(load_at(2000)->value) && isnan(load_at(2000)->midterm));
  assert_true(bracket_at(2000)->present && isnan(bracket_at(2000)->lower[0]));
  assert_true(load_at(2000)->fit < 0);
  assert_int_equal(count(log_text, "load by law is withheld"), 1);
  /* It has become what the law says: hours later that is so in the main. */
  run_and_tell(r, 3600, 6 * 3600, 1, 0);
  assert_true(isfinite(load_at(21000)->value) && load_at(21000)->fit > 10);
  assert_int_equal(count(log_text, "load by law is withheld"), 1);
  assert_int_equal(count(log_text, "load by law is published again"), 1);
  vr_live_free(r);
}

/* An idle guest's own load is noise of a few hundredths. */
static void small_errors_withhold_nothing(void **state) {
  (void)state;
  struct vr_live *r = start(LAW);
  for (int t = 0; t < 3600; t += 10) {
    feed(r, RUN, t, 10, VR_DERIVE, 0.02e9 * t);
    feed(r, OWN, t, 10, VR_GAUGE, t / 10 % 2 ? 0.05 : 0.08);
  }
  assert_true(load_at(3500)->fit < 0);
  assert_near(load_at(3500)->value, 0.02);
  assert_null(strstr(log_text, "withheld"));
  vr_live_free(r);
}

/* --- which goes first --- */

static void generic(struct vr_live *r, const char *models) {
  char text[4096];
  struct vr_error e;
  struct vr_model_set *set = calloc(1, sizeof(*set));
  snprintf(text, sizeof(text),
           "{\"format\":\"vmrecon-model\",\"version\":3,\"generic\":true,"
           "\"models\":[%s]}",
           models);
  if (vr_model_file_parse("generic", text, strlen(text), set, &e) < 0)
    fail_msg("%s", e.message);
  assert_int_equal(vr_live_set_models(r, set, 1), 0);
}

static void behind_a_model_of_this_host_before_others(void **state) {
  (void)state;
  struct vr_live *r = start(TRAINED("60") "," LAW);
  go_on(r, 0, 60, 1, 1, -1);
  assert_near(load_at(50)->value, 7);
  assert_false(bracket_at(50)->present);
  vr_live_free(r);
  r = start(LAW);
  generic(r, TRAINED("60") "," LAW);
  go_on(r, 0, 60, 1, 1, -1);
  assert_near(load_at(50)->value, 1);
  vr_live_free(r);
}

static void may_be_turned_off(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.no_derived = true;
  struct vr_live *r =
      start_with(o, LAW "," DIRECT("processes", "memory-rss:value"));
  for (int t = 0; t < 60; t++) {
    go_on(r, t, t + 1, 1, 1, -1);
    feed(r, RSS, t, 1, VR_GAUGE, 5);
  }
  assert_null(answer_at(50, VR_LOAD));
  assert_non_null(strstr(log_text, "load (PublishDerived is false)"));
  vr_live_free(r);
}

/* gauge-os: 1 Linux, 2 known to be another; without it nothing is known. */
static void not_for_another_system_than_linux(void **state) {
  (void)state;
  for (int os = 0; os <= 2; os++) {
    struct vr_live *r = start(LAW "," DIRECT("processes", "memory-rss:value"));
    for (int t = 0; t < 60; t++) {
      if (os > 0)
        feed(r, "h/vmrecon-g/gauge-os:value", t, 1, VR_GAUGE, os);
      go_on(r, t, t + 1, 1, 1, -1);
      feed(r, RSS, t, 1, VR_GAUGE, 5);
    }
    assert_int_equal(answer_at(50, VR_LOAD) == NULL, os == 2);
    assert_int_equal(strstr(log_text, "guest is not Linux: no law") != NULL,
                     os == 2);
    vr_live_free(r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(serves_any_interval),
      cmocka_unit_test(decays_as_the_kernel_whatever_the_interval),
      cmocka_unit_test(requests_in_flight_come_and_go),
      cmocka_unit_test(a_gap_does_not_reset),
      cmocka_unit_test(survives_a_restart_at_any_interval),
      cmocka_unit_test(goes_along_when_the_guest_migrates),
      cmocka_unit_test(has_a_fit_when_the_guest_has_judged_it),
      cmocka_unit_test(withheld_where_it_is_worse_than_the_mean),
      cmocka_unit_test(small_errors_withhold_nothing),
      cmocka_unit_test(behind_a_model_of_this_host_before_others),
      cmocka_unit_test(may_be_turned_off),
      cmocka_unit_test(not_for_another_system_than_linux),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
