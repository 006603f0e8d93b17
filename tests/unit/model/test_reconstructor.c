/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/log.h"
#include "model/reconstructor.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- a listener that keeps every answer --- */

enum { MAX_ANSWERS = 4096 };

struct heard {
  pthread_mutex_t lock;
  size_t n;
  struct vr_answer answers[MAX_ANSWERS];
  char hosts[MAX_ANSWERS][16], guests[MAX_ANSWERS][16];
};

static struct heard heard;
static char log_text[8192];

static void hear(void *user, const struct vr_answer *a) {
  (void)user;
  pthread_mutex_lock(&heard.lock);
  if (heard.n < MAX_ANSWERS) {
    heard.answers[heard.n] = *a;
    snprintf(heard.hosts[heard.n], 16, "%s", a->host);
    snprintf(heard.guests[heard.n], 16, "%s", a->guest);
    heard.n++;
  }
  pthread_mutex_unlock(&heard.lock);
}

static void receive_log(int priority, const char *message) {
  (void)priority;
  pthread_mutex_lock(&heard.lock);
  size_t n = strlen(log_text);
  snprintf(log_text + n, sizeof(log_text) - n, "%s\n", message);
  pthread_mutex_unlock(&heard.lock);
}

/* --- models --- */

#define OURS(series) "\"%{host}/vmrecon-%{guest}/" series "\""
#define DIRECT(counter, series)                                                \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\",\"inputs\":[{\"signals\":[" OURS(series) "],\"b\":[1]}]}"
/* y(t) = 0.5 y(t-1) + u(t), u = run seconds per second */
#define PROCESSES(rest)                                                        \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," rest "\"inputs\":[{\"signals\":[" OURS(                \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[1]}],\"a\":[1,-0.5]}"
#define FIT(fit) "\"fit\":{\"free_run\":" fit "},"

static void parse(const char *models, struct vr_model_set *set) {
  char text[8192];
  struct vr_model_error e;
  snprintf(text, sizeof(text),
           "{\"format\":\"vmrecon-model\",\"version\":1,\"models\":[%s]}",
           models);
  if (vr_model_file_parse("test", text, strlen(text), set, &e) < 0)
    fail_msg("%s", e.message);
}

static void set_models(struct vr_reconstructor *r, const char *models) {
  struct vr_model_set *set = calloc(1, sizeof(*set));
  parse(models, set);
  assert_int_equal(vr_reconstructor_set_models(r, set, 1), 0);
}

static struct vr_reconstructor *start(const char *models) {
  struct vr_reconstructor_options o = vr_reconstructor_defaults();
  o.answer = hear;
  o.model_series = true;
  struct vr_reconstructor *r = vr_reconstructor_new(&o);
  assert_non_null(r);
  heard.n = 0;
  log_text[0] = '\0';
  vr_log_set(receive_log);
  set_models(r, models);
  return r;
}

/* --- a stream --- */

static const vr_time epoch = 1700000000 * VR_SECOND;

static vr_time at(double t) { return epoch + vr_time_of_seconds(t); }

static int feed(struct vr_reconstructor *r, const char *name, double t,
                double interval, enum vr_kind kind, double value) {
  struct vr_name n;
  assert_int_equal(vr_name_parse(name, &n), 0);
  struct vr_value v = {.name = n.data_source, .kind = kind};
  if (kind == VR_GAUGE)
    v.number.gauge = value;
  else
    v.number.derive = (int64_t)llround(value);
  return vr_reconstructor_feed(r, &n.id, at(t), vr_time_of_seconds(interval),
                               &v, 1);
}

#define RUN "h/vmrecon-g/derive-vcpu_run:value"
#define RSS "h/vmrecon-g/memory-rss:value"

/* vCPU run time: 1 s/s up to T = 10, then 3 s/s. */
static double run_time(double t) {
  return 1e9 * (t < 10 ? t : 10 + 3 * (t - 10));
}

static const struct vr_answer *answer_at(double t, enum vr_counter c) {
  for (size_t i = 0; i < heard.n; i++)
    if (heard.answers[i].time == at(t) && heard.answers[i].counters[c].present)
      return &heard.answers[i];
  return NULL;
}

static double value_at(double t, enum vr_counter c) {
  const struct vr_answer *a = answer_at(t, c);
  return a ? a->counters[c].value : NAN;
}

static void assert_near(double x, double y) {
  if (!(fabs(x - y) <= 1e-9 * (1 + fabs(y))))
    fail_msg("%.17g is not %.17g", x, y);
}

/* What PROCESSES says by its equation: rests at 2 while u = 1, then u = 3. */
static double expected_processes(int t) {
  double y = 2;
  for (int k = 11; k <= t; k++)
    y = 0.5 * y + 3;
  return y;
}

/* --- tests --- */

static void passes_a_measurement_through(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT(
      "net_tx", "if_octets-tap:rx") "," DIRECT("net_rx", "if_octets-tap:tx"));
  struct vr_identifier id = {"h", "vmrecon", "g", "if_octets", "tap"};
  for (int t = 0; t < 10; t++) {
    struct vr_value v[] = {{"rx", VR_DERIVE, {.derive = 1000 * t}},
                           {"tx", VR_DERIVE, {.derive = 300 * t}}};
    assert_int_equal(
        vr_reconstructor_feed(r, &id, at(t + 0.3), VR_SECOND, v, 2), 1);
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
  vr_reconstructor_free(r);
}

static void answers_within_three_intervals_and_stops_at_once(void **state) {
  (void)state;
  for (double phase = 0.05; phase < 1; phase += 0.1) {
    struct vr_reconstructor *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
    for (int t = 0; t < 3; t++)
      feed(r, RUN, t + phase, 1, VR_DERIVE, run_time(t + phase));
    assert_true(heard.n >= 1);
    assert_true(isfinite(heard.answers[0].counters[VR_CPU].value));
    size_t n = heard.n;
    for (int t = 3; t < 20; t++)
      feed(r, "h/vmrecon-other/derive-vcpu_run:value", t + phase, 1, VR_DERIVE,
           run_time(t));
    for (size_t i = n; i < heard.n; i++)
      assert_string_equal(heard.guests[i], "other");
    vr_reconstructor_free(r);
  }
}

static void ignores_what_nobody_wants(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
  assert_int_equal(feed(r, "h/load/load:shortterm", 1, 1, VR_GAUGE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon-g/derive-vcpu_walk:value", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon-g/derive-vcpu_run:other", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(
      feed(r, "h/vmrecon/derive-vcpu_run:value", 1, 1, VR_DERIVE, 1), 0);
  assert_int_equal(vr_reconstructor_stats(r).guests, 0);
  vr_reconstructor_free(r);
}

static void runs_a_model_on_resampled_inputs(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
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
  vr_reconstructor_free(r);
}

/* The counter is linear between its bends, so that any sampling that has a
 * sample at the bend gives the same ticks. */
static void jitter_does_not_matter(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  srand(5);
  for (int t = 0; t < 30; t++) {
    double jitter = t == 10 ? 0 : 0.4 * rand() / RAND_MAX - 0.2;
    feed(r, RUN, t + jitter, 1, VR_DERIVE, run_time(t + jitter));
  }
  for (int t = 3; t < 28; t++)
    assert_true(fabs(value_at(t, VR_PROCESSES) - expected_processes(t)) < 1e-8);
  vr_reconstructor_free(r);
}

static void a_finer_stream_is_averaged(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  for (int k = 0; k < 300; k++)
    feed(r, RUN, k * 0.1, 0.1, VR_DERIVE, run_time(k * 0.1));
  for (int t = 3; t < 29; t++)
    assert_true(fabs(value_at(t, VR_PROCESSES) - expected_processes(t)) < 1e-7);
  vr_reconstructor_free(r);
}

static void a_coarser_stream_is_refused_and_said(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  for (int k = 0; k < 30; k++)
    feed(r, RUN, k * 10, 10, VR_DERIVE, run_time(k * 10));
  assert_int_equal(heard.n, 0);
  assert_non_null(
      strstr(log_text, "processes (values come less often than its step)"));
  vr_reconstructor_free(r);
}

/* Two signals, each shuffled within three seconds: the answers must be those of
 * the ordered stream. */
static void order_does_not_matter(void **state) {
  (void)state;
  struct vr_reconstructor_options o = vr_reconstructor_defaults();
  o.answer = hear;
  o.patience = 6;
  struct vr_reconstructor *r = vr_reconstructor_new(&o);
  heard.n = 0;
  set_models(r, PROCESSES(FIT("50")) "," DIRECT("cpu", "memory-rss:value"));
  srand(7);
  int order[60];
  for (int t = 0; t < 60; t++)
    order[t] = t;
  for (int t = 2; t + 3 < 60; t += 3) /* the guest begins in order */
    for (int k = 0; k < 3; k++) {
      int j = rand() % 3, x = order[t + k];
      order[t + k] = order[t + j];
      order[t + j] = x;
    }
  for (int i = 0; i < 60; i++) {
    feed(r, RUN, order[i], 1, VR_DERIVE, run_time(order[i]));
    feed(r, RSS, order[i] + 0.5, 1, VR_GAUGE, 100 + order[i]);
  }
  for (int t = 3; t < 50; t++) {
    assert_near(value_at(t, VR_PROCESSES), expected_processes(t));
    assert_near(value_at(t, VR_CPU), 100 + t - 0.5);
  }
  /* and each tick was answered once, in order */
  for (size_t i = 1; i < heard.n; i++)
    assert_true(heard.answers[i].time == heard.answers[i - 1].time + VR_SECOND);
  vr_reconstructor_free(r);
}

static void two_lost_ticks_are_held_then_it_is_unknown(void **state) {
  (void)state;
  struct vr_reconstructor *r =
      start(PROCESSES(FIT("50")) "," DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 7);
    if (t < 20 || t >= 30)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_near(value_at(19, VR_PROCESSES), expected_processes(19));
  assert_near(value_at(20, VR_PROCESSES), expected_processes(20));
  assert_near(value_at(21, VR_PROCESSES), expected_processes(21));
  assert_true(isnan(value_at(22, VR_PROCESSES)));
  assert_non_null(answer_at(22, VR_PROCESSES)); /* and says so: NaN */
  for (int t = 25; t < 31; t++)
    assert_null(answer_at(t, VR_PROCESSES)); /* not available at all */
  assert_near(value_at(25, VR_CPU), 7);
  assert_near(value_at(38, VR_PROCESSES), 6); /* anew, at rest */
  vr_reconstructor_free(r);
}

static void a_measurement_goes_before_an_estimate(void **state) {
  (void)state;
  struct vr_reconstructor *r =
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
  vr_reconstructor_free(r);
}

static void what_is_not_good_enough_is_not_published(void **state) {
  (void)state;
  static const char *const bad[] = {
      PROCESSES(FIT("4.9")), PROCESSES(""), PROCESSES(FIT("-20")),
      PROCESSES(FIT("50") "\"baseline\":{\"mean_fit\":51},"),
      PROCESSES(
          FIT("50") "\"baseline\":{\"gain\":{\"input\":{\"signals\":[" OURS(
              "memory-rss:value") "]},\"gain\":1,\"fit\":50}},")};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    struct vr_reconstructor *r = start(bad[i]);
    for (int t = 0; t < 20; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    assert_null(answer_at(15, VR_PROCESSES));
    /* ... but can be looked at */
    assert_true(heard.n > 10);
    assert_near(heard.answers[heard.n - 1].models[VR_PROCESSES].value,
                expected_processes(19));
    assert_non_null(strstr(log_text, "not published"));
    vr_reconstructor_free(r);
  }
}

static void a_model_serves_its_accelerator_only(void **state) {
  (void)state;
#define ACCELERATOR "h/vmrecon-g/gauge-accelerator:value"
  struct vr_reconstructor *r =
      start(PROCESSES("\"accelerator\":\"kvm\"," FIT("50")));
  for (int t = 0; t < 10; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_int_equal(heard.n, 0); /* not known */
  assert_non_null(strstr(log_text, "processes (accelerator not known)"));
  for (int t = 10; t < 20; t++) {
    feed(r, ACCELERATOR, t, 1, VR_GAUGE, VR_TCG);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_int_equal(heard.n, 0);
  for (int t = 20; t < 30; t++) {
    feed(r, ACCELERATOR, t, 1, VR_GAUGE, VR_KVM);
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  }
  assert_true(isfinite(value_at(28, VR_PROCESSES)));
  vr_reconstructor_free(r);
}

static void inputs_are_divided_by_the_guests_size(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(
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
  vr_reconstructor_free(r);
}

static void the_host_itself_can_be_an_input(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(
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
  vr_reconstructor_free(r);
}

static void a_guest_named_as_a_host_is_its_own_host(void **state) {
  (void)state;
  struct vr_reconstructor *r =
      start("{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
            "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/virt/"
            "virt_cpu_total:value\"],\"scale\":1e-7,\"b\":[1]}]}");
  for (int t = 0; t < 10; t++)
    feed(r, "web/virt/virt_cpu_total:value", t, 1, VR_DERIVE, 5e8 * t);
  assert_near(value_at(5, VR_CPU), 50);
  assert_string_equal(heard.hosts[0], "web");
  assert_string_equal(heard.guests[0], "web");
  vr_reconstructor_free(r);
}

static void new_models_go_on_from_the_old_state(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
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
  vr_reconstructor_free(r);
}

/* A model that comes late passes over the inputs that are remembered: its
 * first answer is where it would have been. */
static void a_late_model_is_warm(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 18; t++) {
    if (t == 14)
      set_models(r, DIRECT("cpu", "memory-rss:value") "," PROCESSES(FIT("50")));
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t)); /* nobody asks for it yet */
    feed(r, RSS, t, 1, VR_GAUGE, 1);
  }
  assert_null(answer_at(12, VR_PROCESSES));
  assert_near(value_at(15, VR_PROCESSES), expected_processes(15));
  assert_near(answer_at(15, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  vr_reconstructor_free(r);
}

static void state_survives_a_restart(void **state) {
  (void)state;
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  struct vr_reconstructor *r =
      start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  double t = 0;
#define TAP "h/vmrecon-g/if_octets-tap:tx"
  for (; t < 14; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  }
  int64_t total = answer_at(12, VR_NET_RX)->counters[VR_NET_RX].total;
  assert_int_equal(vr_reconstructor_save(r, path), 0);
  vr_reconstructor_free(r);

  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
  /* Saving before the guest has appeared again does not lose it. */
  assert_int_equal(vr_reconstructor_save(r, path), 0);
  vr_reconstructor_free(r);
  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
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
  vr_reconstructor_free(r);
  unlink(path);
}

static void a_broken_state_file_is_ignored_with_one_line(void **state) {
  (void)state;
  static const char *const bad[] = {
      "", "no json\n", "{\"format\":\"vmrecon-state\",\"version\":9}\n",
      "{\"format\":\"vmrecon-state\",\"version\":1}\n{\"host\":\"h\"}\n",
      "{\"format\":\"vmrecon-state\",\"version\":1}\n{\"host\":\"h\",\"gue"};
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    FILE *f = fopen(path, "w");
    fputs(bad[i], f);
    fclose(f);
    struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
    assert_int_equal(vr_reconstructor_restore(r, path), -EINVAL);
    assert_non_null(strstr(log_text, "ignored\n"));
    for (int t = 0; t < 14; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    assert_near(value_at(9, VR_PROCESSES), 2);
    vr_reconstructor_free(r);
  }
  unlink(path);
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
  assert_string_equal(log_text, "");
  vr_reconstructor_free(r);
}

static void stands_aside_where_somebody_else_answers(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 40; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 1);
    feed(r, "h/vmrecon-x/memory-rss:value", t, 1, VR_GAUGE, 2);
    if (t >= 10 && t < 20)
      vr_reconstructor_stand_aside(r, "h", "g", at(t), VR_SECOND);
  }
  vr_reconstructor_stand_aside(r, "h", "nobody", at(1), VR_SECOND);
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
  vr_reconstructor_free(r);
}

static void silent_guests_are_forgotten(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 5; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, "h/vmrecon-x/derive-vcpu_run:value", t, 1, VR_DERIVE, run_time(t));
  }
  assert_int_equal(vr_reconstructor_sweep(r), 2);
  for (int i = 0; i < 70; i++) {
    feed(r, RUN, 5 + i, 1, VR_DERIVE, run_time(5 + i));
    vr_reconstructor_sweep(r);
  }
  assert_int_equal(vr_reconstructor_stats(r).guests, 1);
  vr_reconstructor_free(r);
}

/* 100 000 names that nobody has seen: guests are bounded by the limit, other
 * names leave nothing behind. */
static void junk_leaves_memory_bounded(void **state) {
  (void)state;
  struct vr_reconstructor_options o = vr_reconstructor_defaults();
  o.answer = hear;
  o.max_guests = 100;
  struct vr_reconstructor *r = vr_reconstructor_new(&o);
  log_text[0] = '\0';
  vr_log_set(receive_log);
  set_models(r, PROCESSES(FIT("50")));
  size_t before = 0;
  for (int i = 0; i < 100000; i++) {
    char name[96];
    snprintf(name, sizeof(name), "h/vmrecon-junk%d/derive-vcpu_run:value", i);
    feed(r, name, 1, 1, VR_DERIVE, i);
    snprintf(name, sizeof(name), "h%d/junk%d-%d/gauge-%d:value", i, i, i, i);
    assert_int_equal(feed(r, name, 1, 1, VR_GAUGE, i), 0);
    if (i == 1000)
      before = mallinfo2().uordblks;
  }
  assert_true(mallinfo2().uordblks <= before);
  assert_int_equal(vr_reconstructor_stats(r).guests, 100);
  assert_string_equal(log_text,
                      "100 guests are known, which is the limit: others are "
                      "ignored\n");
  for (int i = 0; i < 61; i++)
    vr_reconstructor_sweep(r);
  assert_int_equal(vr_reconstructor_stats(r).guests, 0);
  vr_reconstructor_free(r);
}

static void numbers_that_are_none_are_unknown(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "memory-rss:value"));
  const double values[] = {1, NAN, INFINITY, -INFINITY, 1};
  for (int t = 0; t < 30; t++)
    feed(r, RSS, t, 1, VR_GAUGE, values[t < 10 || t > 20 ? 0 : t % 5]);
  for (size_t i = 0; i < heard.n; i++)
    assert_true(isnan(heard.answers[i].counters[VR_CPU].value) ||
                heard.answers[i].counters[VR_CPU].value == 1);
  assert_near(value_at(28, VR_CPU), 1);
  vr_reconstructor_free(r);
}

static void a_clock_that_jumps_is_followed(void **state) {
  (void)state;
  static const double jumps[] = {86400, -86400};
  for (int k = 0; k < 2; k++) {
    struct vr_reconstructor *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
    for (int t = 0; t < 10; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    for (int t = 10; t < 30; t++)
      feed(r, RUN, t + jumps[k], 1, VR_DERIVE, run_time(t));
    assert_near(value_at(28 + jumps[k], VR_CPU), 3e9);
    assert_true(heard.n < 60); /* the time between is not filled */
    vr_reconstructor_free(r);
  }
}

/* One sample from far away does not disturb the others. */
static void a_single_stray_time_does_no_harm(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "derive-vcpu_run:value"));
  for (int t = 0; t < 20; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    if (t == 10)
      feed(r, RUN, -5000, 1, VR_DERIVE, 5);
  }
  for (int t = 2; t < 10; t++)
    assert_near(value_at(t, VR_CPU), 1e9);
  for (int t = 11; t < 19; t++)
    assert_near(value_at(t, VR_CPU), 3e9);
  vr_reconstructor_free(r);
}

/* --- eight threads --- */

enum { THREADS = 8, GUESTS = 20, TICKS = 60 };

static struct vr_reconstructor *shared;
static atomic_int clock_now;

/* Each thread feeds its share of every second's values, in an order of its own;
 * all of them stay within a few seconds of each other. */
static void *feeder(void *arg) {
  int me = (int)(intptr_t)arg;
  unsigned seed = (unsigned)me;
  for (int t = 0; t < TICKS; t++) {
    for (int i = 0; i < GUESTS; i++) {
      int g = (i + (int)(rand_r(&seed) % 3)) % GUESTS;
      char name[64];
      snprintf(name, sizeof(name), "h/vmrecon-g%d/derive-vcpu_run:value", g);
      feed(shared, name, t, 1, VR_DERIVE, run_time(t));
    }
    if (me == 0 && t % 10 == 5)
      set_models(shared, t % 20 == 5 ? DIRECT("cpu", "memory-rss:value")
                                     : PROCESSES(FIT("50")));
    if (me == 1)
      vr_reconstructor_sweep(shared);
    if (me == 2 && t % 20 == 7)
      vr_reconstructor_save(shared, "/tmp/vr-state-threads");
    atomic_fetch_add(&clock_now, 1);
    while (atomic_load(&clock_now) < (t - 1) * THREADS)
      sched_yield();
  }
  return NULL;
}

static void many_threads_may_feed(void **state) {
  (void)state;
  shared = start(PROCESSES(FIT("50")));
  atomic_store(&clock_now, 0);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, feeder, (void *)(intptr_t)i);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(vr_reconstructor_stats(shared).guests, GUESTS);
  assert_true(heard.n > GUESTS);
  vr_reconstructor_free(shared);
  unlink("/tmp/vr-state-threads");
}

static int set_up(void **state) {
  (void)state;
  return pthread_mutex_init(&heard.lock, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(passes_a_measurement_through),
      cmocka_unit_test(answers_within_three_intervals_and_stops_at_once),
      cmocka_unit_test(ignores_what_nobody_wants),
      cmocka_unit_test(runs_a_model_on_resampled_inputs),
      cmocka_unit_test(jitter_does_not_matter),
      cmocka_unit_test(a_finer_stream_is_averaged),
      cmocka_unit_test(a_coarser_stream_is_refused_and_said),
      cmocka_unit_test(order_does_not_matter),
      cmocka_unit_test(two_lost_ticks_are_held_then_it_is_unknown),
      cmocka_unit_test(a_measurement_goes_before_an_estimate),
      cmocka_unit_test(what_is_not_good_enough_is_not_published),
      cmocka_unit_test(a_model_serves_its_accelerator_only),
      cmocka_unit_test(inputs_are_divided_by_the_guests_size),
      cmocka_unit_test(the_host_itself_can_be_an_input),
      cmocka_unit_test(a_guest_named_as_a_host_is_its_own_host),
      cmocka_unit_test(new_models_go_on_from_the_old_state),
      cmocka_unit_test(a_late_model_is_warm),
      cmocka_unit_test(state_survives_a_restart),
      cmocka_unit_test(a_broken_state_file_is_ignored_with_one_line),
      cmocka_unit_test(stands_aside_where_somebody_else_answers),
      cmocka_unit_test(silent_guests_are_forgotten),
      cmocka_unit_test(junk_leaves_memory_bounded),
      cmocka_unit_test(numbers_that_are_none_are_unknown),
      cmocka_unit_test(a_clock_that_jumps_is_followed),
      cmocka_unit_test(a_single_stray_time_does_no_harm),
      cmocka_unit_test(many_threads_may_feed),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
