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
#include <unistd.h>

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
  o.max_guests = 100;
  struct vr_reconstructor *r = start_with(o, PROCESSES(FIT("50")));
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(silent_guests_are_forgotten),
      cmocka_unit_test(junk_leaves_memory_bounded),
      cmocka_unit_test(numbers_that_are_none_are_unknown),
      cmocka_unit_test(many_threads_may_feed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
