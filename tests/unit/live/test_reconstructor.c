/* SPDX-License-Identifier: MIT
 *
 * What a stream of values becomes: which model answers, in which units.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void passes_a_measurement_through(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("net_tx", "if_octets-tap:rx") "," DIRECT(
      "net_rx", "if_octets-tap:tx"));
  struct vr_identifier id = {"h", "vmrecon", "g", "if_octets", "tap"};
  for (int t = 0; t < 10; t++) {
    struct vr_value v[] = {{"rx", VR_DERIVE, {.derive = 1000 * t}},
                           {"tx", VR_DERIVE, {.derive = 300 * t}}};
    assert_int_equal(vr_live_feed(r, &id, at(t + 0.3), VR_SECOND, v, 2), 1);
  }
  assert_near(value_at(5, VR_NET_TX), 1000);
  assert_near(value_at(5, VR_NET_RX), 300);
  const struct vr_answer *a = answer_at(5, VR_NET_TX),
                         *b = answer_at(9, VR_NET_TX);
  assert_int_equal(a->interval, VR_SECOND);
  assert_int_equal(a->counters[VR_NET_TX].provenance, VR_DIRECT);
  assert_true(isnan(a->counters[VR_NET_TX].fit));
  assert_true(b->counters[VR_NET_TX].total - a->counters[VR_NET_TX].total ==
              4000);
  assert_false(a->counters[VR_LOAD].present);
  assert_false(a->models[VR_NET_TX].present);
  vr_live_free(r);
}

static void ignores_what_nobody_wants(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
  assert_int_equal(feed(r, "h/load/load:shortterm", 1, 1, VR_GAUGE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon-g/derive-vcpu_walk:value", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon-g/derive-vcpu_run:other", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon/derive-vcpu_walk:value", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(vr_live_stats(r).guests, 0);
  vr_live_free(r);
}

static void runs_a_model_on_resampled_inputs(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 30; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  for (int t = 3; t < 29; t++)
    assert_near(value_at(t, VR_PROCESSES), expected_processes(t));
  const struct vr_answer *a = answer_at(20, VR_PROCESSES);
  assert_near(a->counters[VR_PROCESSES].fit, 50);
  assert_near(a->models[VR_PROCESSES].value, expected_processes(20));
  assert_int_equal(a->counters[VR_PROCESSES].provenance, VR_INFERRED);
  /* It settles in 1 + 5 ticks (0.5^5 < 5 %); until then no fit is claimed. */
  a = answer_at(4, VR_PROCESSES);
  assert_true(isnan(a->counters[VR_PROCESSES].fit));
  vr_live_free(r);
}

static bool quality_is_due(int t, enum vr_counter c) {
  return answer_at(t, c)->counters[c].quality_due;
}

/* At once where it is new or has changed, then once in thirty ticks. */
static void quality_is_told_when_it_changes_and_now_and_then(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.quality.every = 30;
  struct vr_live *r = start_with(
      o, PROCESSES(FIT("50")) "," DIRECT("net_tx", "memory-rss:value"));
  for (int t = 0; t < 130; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  int begin = 0, settled = 0, between = 0;
  while (!answer_at(begin, VR_PROCESSES))
    begin++;
  assert_true(quality_is_due(begin, VR_PROCESSES));
  while (isnan(
      answer_at(begin + settled, VR_PROCESSES)->counters[VR_PROCESSES].fit))
    settled++;
  assert_true(settled > 0);
  assert_true(quality_is_due(begin + settled, VR_PROCESSES));
  for (int t = begin + settled + 1; t < begin + settled + 91; t++)
    between += quality_is_due(t, VR_PROCESSES);
  assert_int_equal(between, 3);
  vr_live_free(r);
}

/* Nothing is said of how good a rate is that is not there. */
static void quality_goes_with_its_value(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.quality = (struct vr_quality_rule){.every = 1, .measured_too = true};
  struct vr_live *r = start_with(o, DIRECT("net_tx", "derive-io_read:value"));
  for (int t = 0; t < 20; t++)
    if (t < 8 || t > 12)
      feed(r, "h/vmrecon-g/derive-io_read:value", t, 1, VR_DERIVE, 100 * t);
  size_t known = 0, unknown = 0;
  for (size_t i = 0; i < heard.n; i++) {
    const struct vr_counter_answer *a = &heard.answers[i].counters[VR_NET_TX];
    bool is_known = a->present && isfinite(a->value);
    assert_int_equal(a->quality_due, is_known);
    known += is_known;
    unknown += !is_known;
  }
  assert_true(known > 5);
  assert_true(unknown > 0);
  vr_live_free(r);
}

/* How often something is said of processes, from FROM to TO. */
static int quality_said(int from, int to, bool of_fit) {
  int said = 0;
  for (int t = from; t < to; t++) {
    const struct vr_answer *a = answer_at(t, VR_PROCESSES);
    if (a)
      said += of_fit ? a->counters[VR_PROCESSES].fit_due
                     : a->counters[VR_PROCESSES].quality_due;
  }
  return said;
}

/* Nothing, but once where it takes the place of an estimate. */
static void of_what_is_measured_no_quality_is_said(void **state) {
  (void)state;
  struct vr_live *r =
      start(PROCESSES(FIT("50")) "," DIRECT("processes", "memory-rss:value"));
  for (int t = 0; t < 12; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_int_equal(quality_said(0, 11, true), quality_said(0, 11, false));
  assert_true(quality_said(0, 11, false) >= 2); /* new, and settled */
  for (int t = 12; t < 90; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, RSS, t, 1, VR_GAUGE, 42);
  }
  int first = 12;
  while (answer_at(first, VR_PROCESSES)->counters[VR_PROCESSES].provenance !=
         VR_DIRECT)
    first++;
  assert_true(quality_is_due(first, VR_PROCESSES));
  const struct vr_counter_answer *a =
      &answer_at(first, VR_PROCESSES)->counters[VR_PROCESSES];
  assert_true(a->fit_due && isnan(a->fit));
  assert_int_equal(quality_said(first + 1, 89, false), 0);
  vr_live_free(r);
}

/* It has been measured from the beginning. */
static void of_a_measurement_alone_nothing_is_said(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("processes", "memory-rss:value"));
  for (int t = 0; t < 90; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 42);
  assert_near(value_at(50, VR_PROCESSES), 42);
  assert_int_equal(quality_said(0, 89, false), 0);
  vr_live_free(r);
}

static void a_measurement_goes_before_an_estimate(void **state) {
  (void)state;
  struct vr_live *r =
      start(PROCESSES(FIT("50")) "," PROCESSES("\"guest\":\"g\"," FIT(
          "60")) "," DIRECT("processes", "memory-rss:value"));
  for (int t = 0; t < 12; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  /* Without its input: the estimate, and of two that of this guest. */
  const struct vr_answer *a = answer_at(10, VR_PROCESSES);
  assert_int_equal(a->counters[VR_PROCESSES].provenance, VR_INFERRED);
  assert_near(a->counters[VR_PROCESSES].fit, 60);
  for (int t = 12; t < 24; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, RSS, t, 1, VR_GAUGE, 42);
  }
  a = answer_at(22, VR_PROCESSES);
  assert_int_equal(a->counters[VR_PROCESSES].provenance, VR_DIRECT);
  assert_near(a->counters[VR_PROCESSES].value, 42);
  /* The model series shows what the model alone says, going on as it was. */
  assert_near(a->models[VR_PROCESSES].value, expected_processes(22));
  assert_int_equal(a->models[VR_PROCESSES].provenance, VR_INFERRED);
  vr_live_free(r);
}

/* A law needs no validation: it stands in where no estimate is good enough, and
 * goes behind what is measured and behind a good estimate. */
#define LAW                                                                    \
  "{\"counter\":\"processes\",\"provenance\":\"derived\",\"structure\":"       \
  "\"static\",\"inputs\":[{\"signals\":[" OURS(                                \
      "memory-rss:value") "],"                                                 \
                          "\"b\":[2]}]}"
static enum vr_provenance chosen_with_law(const char *others) {
  char models[2048];
  snprintf(models, sizeof(models), "%s,%s", LAW, others);
  struct vr_live *r = start(models);
  for (int t = 0; t < 12; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, RSS, t, 1, VR_GAUGE, 21);
  }
  enum vr_provenance p =
      answer_at(10, VR_PROCESSES)->counters[VR_PROCESSES].provenance;
  vr_live_free(r);
  return p;
}

static void a_law_stands_in(void **state) {
  (void)state;
  assert_int_equal(chosen_with_law(PROCESSES(FIT("4.9"))), VR_DERIVED);
  assert_near(value_at(10, VR_PROCESSES), 42);
  assert_int_equal(chosen_with_law(PROCESSES(FIT("60"))), VR_INFERRED);
  assert_int_equal(chosen_with_law(DIRECT("processes", "memory-rss:value")),
                   VR_DIRECT);
  assert_non_null(strstr(log_text, "direct: processes"));
}

/* 100 switches a second of a vCPU that runs 0.75 s of each second are 400 a
 * second of idle time; of one that is never idle, 20 times as many as they are.
 * log(1 + 400 / 100) is 1.609. It is the same of what came before the model. */
static void inputs_that_are_no_sums(void **state) {
  (void)state;
#define SWITCHES "h/vmrecon-g/derive-vcpu_switches_voluntary:value"
#define OVER_IDLE(rest)                                                                  \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"                \
  "\"fir\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(                     \
      "derive-vcpu_switches_voluntary:value") "],\"per_idle\":[" OURS("derive"           \
                                                                      "-vcpu_"           \
                                                                      "run:"             \
                                                                      "value") "]," rest \
                                                                               "\"b\":[0,1]}]}"
  static const struct {
    const char *models;
    double expected, expected_busy;
  } cases[] = {
      {OVER_IDLE(""), 400, 2000},
      {OVER_IDLE("\"scale\":0.01,\"transform\":\"log1p\","), 1.6094379124341003,
       3.0445224377234230},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    struct vr_live *r = start("");
    for (int t = 0; t < 40; t++) {
      double run = t <= 25 ? 0.75 * t : 0.75 * 25 + (t - 25);
      if (t == 10)
        set_models(r, cases[i].models);
      feed(r, "h/vmrecon-g/count-vcpus:value", t, 1, VR_GAUGE, 1);
      feed(r, SWITCHES, t, 1, VR_DERIVE, 100 * t);
      feed(r, RUN, t, 1, VR_DERIVE, 1e9 * run);
    }
    assert_near(value_at(20, VR_PROCESSES), cases[i].expected);
    assert_near(value_at(35, VR_PROCESSES), cases[i].expected_busy);
    vr_live_free(r);
  }
}

/* A measurement comes before an estimate, unless that is preferred to it; what
 * was measured for this guest alone before what is preferred for every one. */
static void a_measurement_gives_way(void **state) {
  (void)state;
#define MEASURED DIRECT("processes", "memory-rss:value")
#define THEN(a, b) a "," b
  assert_int_equal(chosen_with_law(THEN(MEASURED, PROCESSES(FIT("60")))),
                   VR_DIRECT);
  assert_int_equal(chosen_with_law(THEN(
                       MEASURED, PROCESSES(FIT("60") "\"preferred\":true,"))),
                   VR_INFERRED);
  assert_int_equal(chosen_with_law(THEN(
                       MEASURED, PROCESSES(FIT("4.9") "\"preferred\":true,"))),
                   VR_DIRECT);
  assert_int_equal(
      chosen_with_law(
          THEN("{\"guest\":\"g\",\"counter\":\"processes\",\"provenance\":"
               "\"direct\",\"structure\":\"static\",\"inputs\":["
               "{\"signals\":[" OURS("memory-rss:value") "],\"b\":[1]}]}",
               PROCESSES(FIT("60") "\"preferred\":true,"))),
      VR_DIRECT);
}

static void what_is_not_good_enough_is_not_published(void **state) {
  (void)state;
  static const char *const bad[] = {
      PROCESSES(FIT("4.9")),
      PROCESSES(""),
      PROCESSES(FIT("-20")),
      PROCESSES(FIT("50") "\"baseline\":{\"mean_fit\":51},"),
      PROCESSES(FIT("50") "\"publish\":false,"),
      PROCESSES(
          FIT("50") "\"baseline\":{\"gain\":{\"input\":{\"signals\":[" OURS(
              "memory-rss:value") "]},\"gain\":1,\"fit\":50}},")};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    struct vr_live *r = start(bad[i]);
    for (int t = 0; t < 20; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    assert_null(answer_at(15, VR_PROCESSES));
    /* ... but can be looked at */
    assert_true(heard.n > 10);
    assert_near(heard.answers[heard.n - 1].models[VR_PROCESSES].value,
                expected_processes(19));
    assert_non_null(strstr(log_text, "not published"));
    vr_live_free(r);
  }
}

/* Where nobody has told, a guest has one. */
static void a_model_serves_guests_with_its_clock_only(void **state) {
  (void)state;
#define CLOCK "h/vmrecon-g/gauge-steal_clock:value"
  for (int has = 0; has < 2; has++) {
    struct vr_live *r =
        start(has ? PROCESSES("\"steal_clock\":true," FIT("50"))
                  : PROCESSES("\"steal_clock\":false," FIT("50")));
    for (int t = 0; t < 40; t++) {
      if (t >= 10)
        feed(r, CLOCK, t, 1, VR_GAUGE, t >= 20);
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    }
    assert_int_equal(answer_at(8, VR_PROCESSES) != NULL, has);
    assert_int_equal(answer_at(18, VR_PROCESSES) != NULL, !has);
    assert_int_equal(answer_at(38, VR_PROCESSES) != NULL, has);
    vr_live_free(r);
  }
}

/* Of a guest that idles without its host's seeing it, run time says nothing, as
 * long as it is said to be so. */
static void a_model_of_run_time_needs_idle_time(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 60; t++) {
    if (t >= 20)
      feed(r, "h/vmrecon-g/gauge-idle_hidden:value", t, 1, VR_GAUGE, t < 40);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_non_null(answer_at(18, VR_PROCESSES));
  assert_null(answer_at(38, VR_PROCESSES));
  assert_non_null(answer_at(58, VR_PROCESSES));
  vr_live_free(r);
}

/* What was made on a host that is itself a guest is published on such alone; on
 * others it can be looked at. */
static void a_nested_model_is_a_candidate_elsewhere(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES("\"host\":\"nested\"," FIT("50")));
  for (int t = 0; t < 40; t++) {
    if (t >= 20)
      feed(r, "h/vmrecon-g/gauge-nested:value", t, 1, VR_GAUGE, 1);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    if (t == 15) {
      assert_true(heard.n > 10);
      assert_near(heard.answers[heard.n - 1].models[VR_PROCESSES].value,
                  expected_processes(15));
    }
  }
  assert_null(answer_at(18, VR_PROCESSES));
  assert_non_null(answer_at(38, VR_PROCESSES));
  vr_live_free(r);
}

static void a_model_serves_its_accelerator_only(void **state) {
  (void)state;
#define ACCELERATOR "h/vmrecon-g/gauge-accelerator:value"
  struct vr_live *r = start(PROCESSES("\"accelerator\":\"kvm\"," FIT("50")));
  for (int t = 0; t < 10; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_int_equal(heard.n, 0); /* not known */
  assert_non_null(
      strstr(log_text, "processes (its accelerator is not known: rights, "));
  for (int t = 10; t < 20; t++) {
    feed(r, ACCELERATOR, t, 1, VR_GAUGE, VR_ACCEL_TCG);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_int_equal(heard.n, 0);
  for (int t = 20; t < 30; t++) {
    feed(r, ACCELERATOR, t, 1, VR_GAUGE, VR_ACCEL_KVM);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_true(isfinite(value_at(28, VR_PROCESSES)));
  vr_live_free(r);
}

static void inputs_are_divided_by_the_guests_size(void **state) {
  (void)state;
  struct vr_live *r = start(
      "{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
      "\"static\",\"inputs\":[{\"signals\":[" OURS(
          "derive-vcpu_run:"
          "value") "," OURS("derive-vcpu_wait:value") "],\"scale\":1e-7,"
                                                      "\"per\":\"vcpu\","
                                                      "\"b\":[1]}],\"output\":"
                                                      "{\"max\":100}}");
  for (int t = 0; t < 40; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, "h/vmrecon-g/derive-vcpu_wait:value", t, 1, VR_DERIVE, 2e8 * t);
    if (t >= 5)
      feed(r, "h/vmrecon-g/count-vcpus:value", t, 1, VR_GAUGE, 4);
  }
  assert_null(answer_at(4, VR_CPU));
  assert_near(value_at(9, VR_CPU), (1 + 0.2) / 4 * 100);
  assert_near(value_at(30, VR_CPU), (3 + 0.2) / 4 * 100);
  vr_live_free(r);
}

#define EXECUTION                                                              \
  "{\"counter\":\"execution\",\"provenance\":\"direct\",\"structure\":"        \
  "\"share\",\"inputs\":[{\"signals\":[" OURS(                                 \
      "derive-vcpu_run:value") "],\"b\":[1]},{\"signals\":[" OURS("derive-"    \
                                                                  "vcpu_wait:" \
                                                                  "value") "]" \
                                                                           "," \
                                                                           "\"b\":[1]}]}"

/* run / (run + wait): 1 of 1.25 s/s, then 3 of 3.25; nothing of nothing is not
 * known, and is known again at once. */
static void a_share_is_of_what_there_is(void **state) {
  (void)state;
  struct vr_live *r = start(EXECUTION);
  for (int t = 0; t < 40; t++) {
    int busy = t < 20 ? t : t < 30 ? 20 : t - 10;
    feed(r, RUN, t, 1, VR_DERIVE, run_time(busy));
    feed(r, "h/vmrecon-g/derive-vcpu_wait:value", t, 1, VR_DERIVE,
         0.25e9 * busy);
  }
  assert_near(value_at(8, VR_EXECUTION), 80);
  assert_near(value_at(15, VR_EXECUTION), 100 * 3 / 3.25);
  assert_non_null(answer_at(25, VR_EXECUTION));
  assert_true(isnan(value_at(25, VR_EXECUTION)));
  assert_near(value_at(35, VR_EXECUTION), 100 * 3 / 3.25);
  vr_live_free(r);
}

static void the_host_itself_can_be_an_input(void **state) {
  (void)state;
  struct vr_live *r = start(
      "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"
      "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
          "memory-rss:value") "],\"b\":[1]},{\"signals\":["
                              "\"%{host}/vmrecon/"
                              "load:shortterm\"],\"b\":[10]}]}");
  for (int t = 0; t < 20; t++) {
    feed(r, "h/vmrecon/load:shortterm", t, 1, VR_GAUGE, 3);
    feed(r, "other/vmrecon/load:shortterm", t, 1, VR_GAUGE, 5);
    feed(r, RSS, t, 1, VR_GAUGE, t);
  }
  assert_near(value_at(15, VR_PROCESSES), 15 + 30);
  vr_live_free(r);
}

static void a_guest_named_as_a_host_is_its_own_host(void **state) {
  (void)state;
  struct vr_live *r =
      start("{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
            "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/virt/"
            "virt_cpu_total:value\"],\"scale\":1e-7,\"b\":[1]}]}");
  for (int t = 0; t < 10; t++)
    feed(r, "web/virt/virt_cpu_total:value", t, 1, VR_DERIVE, 5e8 * t);
  assert_near(value_at(5, VR_CPU), 50);
  assert_string_equal(heard.hosts[0], "web");
  assert_string_equal(heard.guests[0], "web");
  vr_live_free(r);
}

static void stands_aside_where_somebody_else_answers(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 1);
    feed(r, "h/vmrecon-x/memory-rss:value", t, 1, VR_GAUGE, 2);
    if (t >= 10 && t < 20)
      vr_live_standby(r, "h", "g", at(t), VR_SECOND);
  }
  vr_live_standby(r, "h", "nobody", at(1), VR_SECOND);
  int of_g[40] = {0}, of_x[40] = {0};
  for (size_t i = 0; i < heard.n; i++) {
    int *count = heard.guests[i][0] == 'g' ? of_g : of_x;
    count[(heard.answers[i].time - epoch) / VR_SECOND]++;
  }
  for (int t = 2; t < 38; t++) {
    assert_int_equal(of_x[t], 1);
    /* the last of theirs is of 19, and speaks until 22 */
    assert_int_equal(of_g[t], t <= 10 || t > 22);
  }
  vr_live_free(r);
}

/* A stamp of tomorrow, and intervals that no time can hold, silence for no
 * longer than any other answer would. */
static void a_wrong_stamp_does_not_silence_for_long(void **state) {
  (void)state;
  static const struct {
    vr_time ahead, interval;
  } wrong[] = {{86400 * VR_SECOND, VR_SECOND},
               {0, INT64_MAX / 2},
               {0, 3600 * VR_SECOND},
               {0, 7 * 86400 * VR_SECOND},
               {INT64_MAX / 2, VR_SECOND}};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
    for (int t = 0; t < 200; t++) {
      feed(r, RSS, t, 1, VR_GAUGE, 1);
      if (t == 50)
        vr_live_standby(r, "h", "g", at(t) + wrong[i].ahead, wrong[i].interval);
    }
    for (int t = 60; t < 198; t++)
      assert_non_null(answer_at(t, VR_CPU));
    vr_live_free(r);
  }
}

/* What is below zero is no count, and nothing that later counts make up for. */
static void a_rate_below_zero_leaves_no_debt(void **state) {
  (void)state;
  struct vr_live *r =
      start("{\"counter\":\"contextswitch\",\"provenance\":\"inferred\","
            "\"structure\":"
            "\"fir\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
                "memory-rss:value") "],\"b\":[1]}]}");
  for (int t = 0; t < 100; t++)
    feed(r, RSS, t, 1, VR_GAUGE, t < 50 ? -1000 : 100);
#define SWITCHES_AT(t)                                                         \
  answer_at(t, VR_CONTEXTSWITCH)->counters[VR_CONTEXTSWITCH].total
  assert_int_equal(SWITCHES_AT(45), SWITCHES_AT(20));
  assert_int_equal(SWITCHES_AT(95) - SWITCHES_AT(60), 3500);
  vr_live_free(r);
}

/* Values every 10 s, then every second, then every 10 s again. */
static void no_time_is_answered_twice(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t <= 150; t++)
    if (t % 10 == 0 || (t > 60 && t < 80))
      feed(r, RSS, t, t > 60 && t < 80 ? 1 : 10, VR_GAUGE, 1);
  assert_true(heard.n > 20);
  for (size_t i = 1; i < heard.n; i++)
    assert_true(heard.answers[i].time > heard.answers[i - 1].time);
  vr_live_free(r);
}

/* A signal that is only remembered is not waited for. */
static void nothing_waits_for_what_no_model_uses(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
  size_t before = 0;
  for (int t = 0; t < 60; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 1);
    if (t == 50)
      before = heard.n;
    if (t != 50) /* late by more than the next of the other */
      feed(r, "h/vmrecon-g/memory-balloon_free:value", t - 1.5, 1, VR_GAUGE, 1);
  }
  assert_int_equal(heard.answers[before - 1].time, at(50));
  vr_live_free(r);
}

/* Whoever publishes under native names sends them back to us, perhaps. */
static void conclusions_are_no_inputs(void **state) {
  (void)state;
  struct vr_live *r =
      start("{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
            "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/contextswitch/"
            "contextswitch:value\"],\"b\":[1]}]}");
  for (int t = 0; t < 20; t++) {
    assert_int_equal(feed(r, "web.inferred/contextswitch/contextswitch:value",
                          t, 1, VR_DERIVE, t),
                     0);
    assert_int_equal(feed(r, "inferred/contextswitch/contextswitch:value", t, 1,
                          VR_DERIVE, t),
                     1);
  }
  assert_int_equal(vr_live_stats(r).guests, 1);
  vr_live_free(r);
}

/* Models of guests of which nothing comes are one line after a minute, twelve
 * sweeps, and again when models were read anew. */
static void models_of_nobody_are_named(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES("\"guest\":\"webb1\"," FIT("50")) "," //
                            PROCESSES("\"guest\":\"g\"," FIT("50")) ","     //
                            PROCESSES("\"guest\":\"x*\"," FIT("50")) ","    //
                            PROCESSES(FIT("50")));
  feed(r, RUN, 1, 1, VR_DERIVE, run_time(1));
  for (int i = 0; i < 11; i++)
    vr_live_sweep(r);
  assert_null(strstr(log_text, "there are models"));
  for (int i = 0; i < 20; i++)
    vr_live_sweep(r);
  const char *line = strstr(log_text, "there are models for 1 guest of which "
                                      "nothing was received in the first "
                                      "minute: webb1;");
  assert_non_null(line);
  assert_null(strstr(line + 1, "there are models"));
  set_models(r, PROCESSES("\"guest\":\"g\"," FIT("50")));
  log_text[0] = '\0';
  for (int i = 0; i < 20; i++)
    vr_live_sweep(r);
  assert_null(strstr(log_text, "there are models"));
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(passes_a_measurement_through),
      cmocka_unit_test(ignores_what_nobody_wants),
      cmocka_unit_test(runs_a_model_on_resampled_inputs),
      cmocka_unit_test(quality_is_told_when_it_changes_and_now_and_then),
      cmocka_unit_test(quality_goes_with_its_value),
      cmocka_unit_test(of_what_is_measured_no_quality_is_said),
      cmocka_unit_test(of_a_measurement_alone_nothing_is_said),
      cmocka_unit_test(a_measurement_goes_before_an_estimate),
      cmocka_unit_test(a_law_stands_in),
      cmocka_unit_test(inputs_that_are_no_sums),
      cmocka_unit_test(a_measurement_gives_way),
      cmocka_unit_test(what_is_not_good_enough_is_not_published),
      cmocka_unit_test(a_model_of_run_time_needs_idle_time),
      cmocka_unit_test(a_nested_model_is_a_candidate_elsewhere),
      cmocka_unit_test(a_model_serves_its_accelerator_only),
      cmocka_unit_test(a_model_serves_guests_with_its_clock_only),
      cmocka_unit_test(inputs_are_divided_by_the_guests_size),
      cmocka_unit_test(a_share_is_of_what_there_is),
      cmocka_unit_test(the_host_itself_can_be_an_input),
      cmocka_unit_test(a_guest_named_as_a_host_is_its_own_host),
      cmocka_unit_test(stands_aside_where_somebody_else_answers),
      cmocka_unit_test(a_wrong_stamp_does_not_silence_for_long),
      cmocka_unit_test(a_rate_below_zero_leaves_no_debt),
      cmocka_unit_test(no_time_is_answered_twice),
      cmocka_unit_test(nothing_waits_for_what_no_model_uses),
      cmocka_unit_test(conclusions_are_no_inputs),
      cmocka_unit_test(models_of_nobody_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
