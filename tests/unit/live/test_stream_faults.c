/* SPDX-License-Identifier: MIT
 *
 * What must not hurt: guests that vanish, junk, numbers that are none, many
 * threads.
 */
#include "stream.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void silent_guests_are_forgotten(void **state) {
  (void)state;
  struct vr_live *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 5; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, "h/vmrecon-x/derive-vcpu_run:value", t, 1, VR_DERIVE, run_time(t));
  }
  assert_int_equal(vr_live_sweep(r), 2);
  for (int i = 0; i < 70; i++) {
    feed(r, RUN, 5 + i, 1, VR_DERIVE, run_time(5 + i));
    vr_live_sweep(r);
  }
  assert_int_equal(vr_live_stats(r).guests, 1);
  vr_live_free(r);
}

/* 100 000 names that nobody has seen: guests are bounded by the limit, other
 * names leave nothing behind. */
static void junk_leaves_memory_bounded(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.max_guests = 100;
  struct vr_live *r = start_with(o, PROCESSES(FIT("50")));
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
  /* Tables grow by which names are there. */
  assert_true(mallinfo2().uordblks <= before + 65536);
  assert_int_equal(vr_live_stats(r).guests, 100);
  assert_string_equal(
      log_text, "100 guests are known, which is the limit: guests without a "
                "published value give way to further ones, and others are "
                "ignored; raise MaxGuests to have them all\n");
  for (int i = 0; i < 61; i++)
    vr_live_sweep(r);
  assert_int_equal(vr_live_stats(r).guests, 0);
  vr_live_free(r);
}

/* Ten guests of h are published. Then somebody names a guest a millisecond in
 * h's name, some of them twice; a guest that comes up meanwhile is published
 * as the others are, and the memory is bounded and comes back. */
static void made_up_guests_give_way(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.max_guests_per_host = 100;
  o.max_guests = 300;
  struct vr_live *r =
      start_with(o, DIRECT("cpu", "memory-rss:value") "," DIRECT(
                        "net_rx", "if_octets-tap:tx"));
  char name[96];
  for (int t = 0; t < 60; t++) {
    for (int g = 0; g < (t < 20 ? 10 : 11); g++) {
      snprintf(name, sizeof(name), "h/vmrecon-g%d/memory-rss:value", g);
      feed(r, name, t, 1, VR_GAUGE, g);
      snprintf(name, sizeof(name), "h/vmrecon-g%d/if_octets-tap:tx", g);
      feed(r, name, t, 1, VR_DERIVE, t);
    }
    for (int i = 0; t >= 10 && i < 1000; i++) {
      snprintf(name, sizeof(name), "h/vmrecon-junk%d-%d/memory-rss:value", t,
               i);
      feed(r, name, t, 1, VR_GAUGE, i);
      snprintf(name, sizeof(name), "h%d/vmrecon-junk/memory-rss:value",
               1000 * t + i);
      feed(r, name, t, 1, VR_GAUGE, i);
    }
    assert_true(vr_live_stats(r).guests <= 300);
  }
  unsigned n[11] = {0};
  for (size_t i = 0; i < heard.n; i++)
    if (heard.guests[i][0] == 'g')
      n[atoi(heard.guests[i] + 1)]++;
  for (int g = 0; g < 10; g++)
    assert_true(n[g] >= 56);
  assert_true(n[10] >= 36);
  assert_non_null(strstr(log_text, "host h: 100 guests"));
  assert_non_null(strstr(log_text, "MaxGuestsPerHost"));
  for (int i = 0; i < 61; i++)
    vr_live_sweep(r);
  assert_int_equal(vr_live_stats(r).guests, 0);
  vr_live_free(r);
}

/* Guests that were published give way to nobody. */
static void published_guests_stay(void **state) {
  (void)state;
  struct vr_live_options o = vr_live_defaults();
  o.max_guests_per_host = 10;
  struct vr_live *r = start_with(o, DIRECT("cpu", "memory-rss:value"));
  char name[96];
  for (int t = 0; t < 20; t++)
    for (int g = 0; g < (t < 10 ? 10 : 12); g++) {
      snprintf(name, sizeof(name), "h/vmrecon-g%d/memory-rss:value", g);
      feed(r, name, t, 1, VR_GAUGE, g);
    }
  for (size_t i = 0; i < heard.n; i++)
    assert_true(atoi(heard.guests[i] + 1) < 10);
  assert_int_equal(vr_live_stats(r).guests, 10);
  vr_live_free(r);
}

/* One value with a time that is still to come costs no more than a minute of
 * answers, however far it is and whatever interval it claims; and none is
 * published of a time that is much later than now, since collectd would take
 * no earlier ones after that. */
static void a_time_to_come_disturbs_for_a_minute(void **state) {
  (void)state;
  static const vr_time ahead[] = {5,   20,   29,    31,
                                  100, 3600, 86400, INT64_C(3650) * 86400};
  static const double intervals[] = {1, 60, 86400, 7 * 86400};
  for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++)
    for (size_t k = 0; k < sizeof(intervals) / sizeof(intervals[0]); k++)
      for (int own = 0; own < 2; own++) {
        struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
        for (int t = 0; t < 300; t++) {
          feed(r, RSS, t, 1, VR_GAUGE, 1);
          feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
          if (t == 100)
            feed(r, own ? RSS : RUN, t + (double)ahead[i], intervals[k],
                 own ? VR_GAUGE : VR_DERIVE, 7);
        }
        for (size_t a = 0; a < heard.n; a++)
          assert_true(heard.answers[a].time <= at(300 + 31));
        int missing = 0;
        for (int t = 101; t < 295; t++)
          missing += !answer_at(t, VR_CPU) || value_at(t, VR_CPU) != 1;
        if (missing > 60)
          fail_msg("%d answers missing after %lld s, interval %g, own %d",
                   missing, (long long)ahead[i], intervals[k], own);
        vr_live_free(r);
      }
}

/* The same of a series that does not name the host: a second choice of a model
 * is bound when it is there, whatever time another one claimed. */
static void a_time_to_come_does_not_keep_models_waiting(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT(
      "cpu", "memory-rss:value") ","
                                 "{\"counter\":\"net_rx\",\"provenance\":"
                                 "\"direct\",\"structure\":"
                                 "\"static\",\"inputs\":[{\"signals\":[\"%{"
                                 "guest}/virt/"
                                 "virt_cpu_total:value\"],\"b\":[1]}]}," DIRECT(
                                     "disk_read", "if_octets-tap:tx"));
  for (int t = 0; t < 100; t++) {
    feed(r, RSS, t, 1, VR_GAUGE, 1);
    if (t == 20)
      feed(r, "g/virt/virt_cpu_total:value", 1e8, 604800, VR_DERIVE, 1);
    if (t >= 30)
      feed(r, "h/vmrecon-g/if_octets-tap:tx", t, 1, VR_DERIVE, 1000 * t);
  }
  for (int t = 40; t < 98; t++)
    assert_non_null(answer_at(t, VR_DISK_READ));
  vr_live_free(r);
}

/* A host is whoever has guests. */
static void junk_hosts_leave_memory_bounded(void **state) {
  (void)state;
  struct vr_live *r = start(
      "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"
      "\"fir\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
          "memory-rss:value") "],\"b\":[1]},{\"signals\":["
                              "\"%{host}/vmrecon/load:shortterm\"],"
                              "\"b\":[10]}]}");
  size_t before = 0;
  for (int i = 0; i < 100000; i++) {
    char name[96];
    snprintf(name, sizeof(name), "junk%d/vmrecon/load:shortterm", i);
    feed(r, name, 1, 1, VR_GAUGE, i);
    if (i == 1000)
      before = mallinfo2().uordblks;
  }
  assert_true(mallinfo2().uordblks <= before);
  vr_live_free(r);
}

#define LEVEL                                                                  \
  "\"inputs\":[{\"signals\":[" OURS("memory-rss:value") "],\"range\":[0,10],"  \
                                                        "\"b\":[1]}],"         \
                                                        "\"a\":[1,-0.5]}"
static void numbers_that_are_none_are_unknown(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("cpu", "memory-rss:value"));
  const double values[] = {1, NAN, INFINITY, -INFINITY, 1};
  for (int t = 0; t < 30; t++)
    feed(r, RSS, t, 1, VR_GAUGE, values[t < 10 || t > 20 ? 0 : t % 5]);
  for (size_t i = 0; i < heard.n; i++)
    assert_true(isnan(heard.answers[i].counters[VR_CPU].value) ||
                heard.answers[i].counters[VR_CPU].value == 1);
  assert_near(value_at(28, VR_CPU), 1);
  vr_live_free(r);
}

/* What a model has once taken in it does not forget: nothing that is no number
 * must ever get into its memory. */
static void no_such_number_gets_into_a_model(void **state) {
  (void)state;
  static const double bad[] = {NAN, INFINITY, -INFINITY, 1e308, -1e308};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    struct vr_live *r =
        start("{\"counter\":\"processes\",\"provenance\":\"inferred\","
              "\"structure\":\"arx\",\"step\":1," FIT("50") LEVEL);
    for (int t = 0; t < 200; t++)
      feed(r, RSS, t, 1, VR_GAUGE, t >= 20 && t < 40 ? bad[i] : 5);
    /* Back where it rests on 5: 5 / (1 - 0.5). */
    assert_near(value_at(15, VR_PROCESSES), 10);
    assert_near(value_at(190, VR_PROCESSES), 10);
    for (size_t k = 0; k < heard.n; k++)
      assert_false(isinf(heard.answers[k].counters[VR_PROCESSES].value));
    vr_live_free(r);
  }
}

/* Series that claim to come every 10 ns, every 2 ms, or every century, beside
 * those that models use. */
static void absurd_intervals_do_not_reach_the_others(void **state) {
  (void)state;
  static const double intervals[] = {1e-8, 2e-3, 3e9};
  static const char every_10_s[] =
      "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"
      "\"fir\",\"step\":10," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
          "memory-rss:value") "],\"b\":[1]}]}," DIRECT("cpu",
                                                       "count-vcpus:value");
  for (size_t i = 0; i < 3; i++) {
    struct vr_live *r = start(every_10_s);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int t = 0; t < 120; t++) {
      assert_true(feed(r, RSS, t, 1, VR_GAUGE, 5) == 1);
      assert_true(feed(r, "h/vmrecon-g/count-vcpus:value", t, 1, VR_GAUGE, 1) ==
                  1);
      if (t >= 30)
        assert_true(feed(r, "h/vmrecon-g/memory-balloon_free:value", t,
                         intervals[i], VR_GAUGE, 1) >= 0);
    }
    assert_true(mallinfo2().uordblks + mallinfo2().hblkhd < before + 100000);
    for (int t = 20; t < 110; t += 10)
      assert_near(value_at(t, VR_PROCESSES), 5);
    for (int t = 5; t < 118; t++)
      assert_near(value_at(t, VR_CPU), 1);
    vr_live_free(r);
  }
}

/* An input far finer than the step beside one that is not. */
static void a_model_of_far_finer_values_is_refused(void **state) {
  (void)state;
  struct vr_live *r =
      start("{\"counter\":\"processes\",\"provenance\":\"inferred\","
            "\"structure\":\"fir\",\"step\":10," FIT(
                "50") "\"inputs\":[{\"signals\":"
                      "[" OURS("memory-rss:"
                               "value") "," OURS("memory-balloon_free:"
                                                 "value") "],\"b\":[1]}"
                                                          "]}");
  for (int k = 0; k < 30 * 200; k++) {
    if (k % 200 == 0)
      feed(r, RSS, k / 200., 1, VR_GAUGE, 5);
    feed(r, "h/vmrecon-g/memory-balloon_free:value", k / 200., 0.005, VR_GAUGE,
         1);
  }
  assert_int_equal(heard.n, 0);
  assert_non_null(strstr(
      log_text,
      "processes (values come too often for its model, whose step is 10 s; "
      "train: vmrecon-train(1))"));
  vr_live_free(r);
}

/* --- eight threads --- */

enum { THREADS = 8, GUESTS = 20, TICKS = 60 };

static struct vr_live *shared;
static atomic_int clock_now;

/* A state file in a directory of this run's own. */
static char state_directory[] = "/tmp/vr-state-XXXXXX", state_path[64];

static void make_state_path(void) {
  strcpy(state_directory + strlen(state_directory) - 6, "XXXXXX");
  assert_non_null(mkdtemp(state_directory));
  snprintf(state_path, sizeof(state_path), "%s/state", state_directory);
}

/* The file has the version of its format in its name. */
static void remove_state_path(void) {
  char command[128];
  snprintf(command, sizeof(command), "rm -rf %s", state_directory);
  assert_int_equal(system(command), 0);
}

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
      vr_live_sweep(shared);
    if (me == 2 && t % 20 == 7)
      vr_live_save(shared, state_path);
    atomic_fetch_add(&clock_now, 1);
    while (atomic_load(&clock_now) < (t - 1) * THREADS)
      sched_yield();
  }
  return NULL;
}

static void many_threads_may_feed(void **state) {
  (void)state;
  shared = start(PROCESSES(FIT("50")));
  make_state_path();
  atomic_store(&clock_now, 0);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, feeder, (void *)(intptr_t)i);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_int_equal(vr_live_stats(shared).guests, GUESTS);
  assert_true(heard.n > GUESTS);
  vr_live_free(shared);
  remove_state_path();
}

/* Guests that move from host to host under way, with series that do not tell
 * the host. */
static void *mover(void *arg) {
  int me = (int)(intptr_t)arg;
  for (int t = 0; t < TICKS; t++) {
    for (int g = 0; g < GUESTS; g++) {
      char name[64];
      snprintf(name, sizeof(name), "h%d/vmrecon-g%d/derive-vcpu_run:value",
               (t + g) / 20, g);
      feed(shared, name, t, 1, VR_DERIVE, run_time(t));
      snprintf(name, sizeof(name), "g%d/virt/virt_cpu_total:value", g);
      feed(shared, name, t, 1, VR_DERIVE, run_time(t));
    }
    if (me < 3)
      vr_live_sweep(shared);
    if (me == 3)
      vr_live_standby(shared, "h1", "g1", at(t), VR_SECOND);
    atomic_fetch_add(&clock_now, 1);
    while (atomic_load(&clock_now) < (t - 1) * THREADS)
      sched_yield();
  }
  return NULL;
}

static void guests_may_move_meanwhile(void **state) {
  (void)state;
  shared = start(PROCESSES(FIT(
      "50")) ",{\"counter\":\"cpu\",\"provenance\":\"direct\",\"structure\":"
             "\"static\",\"inputs\":[{\"signals\":[\"%{guest}/virt/"
             "virt_cpu_total:value\"],\"b\":[1]}]}");
  atomic_store(&clock_now, 0);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, mover, (void *)(intptr_t)i);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  assert_non_null(strstr(log_text, "has migrated from h"));
  for (int i = 0; i < 61; i++)
    vr_live_sweep(shared);
  assert_int_equal(vr_live_stats(shared).guests, 0);
  vr_live_free(shared);
}

/* One model of the guest NAME, which says FACTOR times its memory. */
static void parse_model_of(const char *name, int factor,
                           struct vr_model_set *ret) {
  static const char head[] =
      "{\"format\":\"vmrecon-model\",\"version\":2,\"models\":[{\"counter\":"
      "\"processes\",\"provenance\":\"inferred\",\"structure\":\"fir\","
      "\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
          "memory-rss:value") "],\"b\":[";
  char text[600];
  struct vr_error e;
  snprintf(text, sizeof(text), "%s%d]}],\"guest\":\"%s\"}]}", head, factor,
           name);
  assert_int_equal(vr_model_file_parse("test", text, strlen(text), ret, &e), 0);
}

/* A model of its own for each of a thousand guests, and one for all: each runs
 * its own. */
static void a_thousand_models_are_used(void **state) {
  (void)state;
  enum { MODELS = 1000 };
  struct vr_live *r = start(PROCESSES(FIT("90")));
  struct vr_model_set *sets = calloc(MODELS + 1, sizeof(*sets));
  char name[64];
  for (int i = 0; i < MODELS; i++) {
    snprintf(name, sizeof(name), "g%d", i);
    parse_model_of(name, i + 1, &sets[i]);
  }
  parse_model_of("*", 7, &sets[MODELS]);
  assert_int_equal(vr_live_set_models(r, sets, MODELS + 1), 0);
  for (int t = 0; t < 8; t++) {
    heard.n = t == 6 ? 0 : heard.n; /* those of the last two are looked at */
    for (int g = 0; g < MODELS; g++) {
      snprintf(name, sizeof(name), "h/vmrecon-g%d/memory-rss:value", g);
      feed(r, name, t, 1, VR_GAUGE, 2);
    }
  }
  assert_true(heard.n >= MODELS);
  for (size_t i = 0; i < heard.n; i++)
    assert_near(heard.answers[i].counters[VR_PROCESSES].value,
                2 * (atoi(heard.guests[i] + 1) + 1));
  vr_live_free(r);
}

/* --- state that is taken up by whoever is first --- */

enum { MET = 300, LATER = 100 };
static pthread_barrier_t together;

static void meet(int g, int t) {
  char name[64];
  snprintf(name, sizeof(name), "h/vmrecon-g%d/if_octets-tap:tx", g);
  feed(shared, name, t, 1, VR_DERIVE, 1000 * t);
}

/* All threads meet each guest at the same moment. */
static void *meeter(void *unused) {
  (void)unused;
  for (int g = 0; g < MET; g++) {
    pthread_barrier_wait(&together);
    meet(g, LATER);
  }
  return NULL;
}

/* Which thread is the first to hear of a guest must not matter to what was
 * saved of it. */
static void saved_state_survives_a_first_meeting_of_many(void **state) {
  (void)state;
  make_state_path();
  shared = start(DIRECT("net_rx", "if_octets-tap:tx"));
  for (int t = 0; t < 6; t++)
    for (int g = 0; g < MET; g++)
      meet(g, t);
  assert_int_equal(vr_live_save(shared, state_path), 0);
  vr_live_free(shared);
  shared = start(DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_live_restore(shared, state_path), 0);
  remove_state_path();
  pthread_barrier_init(&together, NULL, THREADS);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++)
    pthread_create(&threads[i], NULL, meeter, NULL);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&together);
  heard.n = 0;
  for (int t = LATER + 1; t < LATER + 4; t++)
    for (int g = 0; g < MET; g++)
      meet(g, t);
  assert_true(heard.n >= 2 * MET);
  /* 3000 had been counted before. */
  for (size_t i = 0; i < heard.n; i++)
    if (isfinite(heard.answers[i].counters[VR_NET_RX].value))
      assert_true(heard.answers[i].counters[VR_NET_RX].total > 4000);
  vr_live_free(shared);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(silent_guests_are_forgotten),
      cmocka_unit_test(junk_leaves_memory_bounded),
      cmocka_unit_test(made_up_guests_give_way),
      cmocka_unit_test(published_guests_stay),
      cmocka_unit_test(a_time_to_come_disturbs_for_a_minute),
      cmocka_unit_test(a_time_to_come_does_not_keep_models_waiting),
      cmocka_unit_test(junk_hosts_leave_memory_bounded),
      cmocka_unit_test(numbers_that_are_none_are_unknown),
      cmocka_unit_test(no_such_number_gets_into_a_model),
      cmocka_unit_test(absurd_intervals_do_not_reach_the_others),
      cmocka_unit_test(a_model_of_far_finer_values_is_refused),
      cmocka_unit_test(many_threads_may_feed),
      cmocka_unit_test(guests_may_move_meanwhile),
      cmocka_unit_test(a_thousand_models_are_used),
      cmocka_unit_test(saved_state_survives_a_first_meeting_of_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
