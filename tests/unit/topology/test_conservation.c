/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/conservation.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Two hosts, h1 with guest x and h2 with guest y, x sends to y. Each host reads
 * its counters PHASE seconds after each full 10 s, a little more or less each
 * time, and both may be wrong about the time. What a reading finds is computed
 * from RATE, a function of time that is integrated in steps of 10 ms. */
#define MAC_X "525400000001"
#define MAC_Y "525400000002"
#define STEP 0.01
#define FRAME 1000.0

struct world {
  struct vr_conservation *c;
  struct vr_ledger *l;
  double now;                    /* seconds */
  double sent, received;         /* bytes */
  double phase[2], jitter, skew; /* seconds */
  double loss;                   /* part */
  double (*rate)(double t);
  double next[2];
  double merge; /* frames that become one on the way; 0: none */
  unsigned random, named;
  bool deaf; /* h2 counts only what its guests send */
  double interval;
};

static double uniform(struct world *w) {
  w->random = w->random * 1103515245 + 12345;
  return (w->random >> 8 & 0xffff) / 65536.0;
}

static double steady(double t) {
  (void)t;
  return 1e6;
}

/* Bursts of 0.3 s to 5 s, pauses as long, each of another rate. */
static double bursts(double t) {
  double u = sin(t * 1.7) + sin(t * 0.61) + sin(t * 7.3);
  return u > 0.4 ? 3e6 * u : u > 0 ? 1e4 : 0;
}

static void setup(struct world *w) {
  struct vr_conservation_options o = vr_conservation_defaults();
  struct vr_ledger_options l = vr_ledger_defaults();
  *w = (struct world){.c = vr_conservation_new(&o),
                      .l = vr_ledger_new(&l),
                      .now = 1.7e9,
                      .rate = steady,
                      .jitter = 0.003,
                      .interval = 10,
                      .random = 1};
  w->next[0] = w->next[1] = w->now;
}

static void teardown(struct world *w) {
  vr_conservation_free(w->c);
  vr_ledger_free(w->l);
}

static void give(struct world *w, unsigned host, double bytes) {
  static const char *const hosts[] = {"h1", "h2"}, *const guests[] = {"x", "y"};
  static const char *const macs[] = {MAC_X, MAC_Y};
  vr_time at = vr_signal_time_of_seconds(w->now + (host ? w->skew : 0));
  vr_time arrival = vr_signal_time_of_seconds(w->now);
  double frames = floor(bytes / FRAME);
  double headers = 0;
  if (host && w->merge > 0) {
    headers = 66 * (frames - frames / w->merge);
    frames /= w->merge;
  }
  vr_ledger_mac(w->l, hosts[host], guests[host], macs[host], arrival);
  vr_conservation_mac(w->c, guests[host], macs[host], arrival);
  for (int unit = 0; unit < 2; unit++) {
    double n = unit == VR_CONSERVATION_OCTETS ? bytes - headers : frames;
    struct vr_conservation_count count = {
        .unit = (enum vr_conservation_unit)unit,
        .has = {true, true},
        .count = {host ? 0 : (int64_t)n, host && !w->deaf ? (int64_t)n : 0},
        .time = at,
        .interval = vr_signal_time_of_seconds(w->interval)};
    assert_int_equal(vr_conservation_take(w->c, hosts[host], guests[host],
                                          macs[!host], &count),
                     0);
  }
}

/* Returns the last verdict, NULL if there is none. */
static const struct vr_conservation_pair *run(struct world *w, double seconds) {
  for (double end = w->now + seconds; w->now < end; w->now += STEP) {
    double bytes = w->rate(w->now) * STEP;
    w->sent += bytes;
    w->received += bytes * (1 - w->loss);
    for (unsigned h = 0; h < 2; h++) {
      double due = w->next[h] + w->phase[h] + w->jitter;
      if (w->now < due)
        continue;
      give(w, h, h ? w->received : w->sent);
      w->next[h] += w->interval;
      w->jitter = 0.01 * uniform(w);
    }
    if (fmod(w->now, 1) < STEP &&
        vr_conservation_judge(w->c, w->l, vr_signal_time_of_seconds(w->now)))
      for (size_t i = 0; i < vr_conservation_pairs(w->c); i++) {
        const struct vr_conservation_pair *p = vr_conservation_pair_at(w->c, i);
        w->named += p->changed && p->lossy;
      }
  }
  return vr_conservation_pairs(w->c) ? vr_conservation_pair_at(w->c, 0) : NULL;
}

static void one_percent_is_found_in_half_a_minute(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  run(&w, 60);
  assert_int_equal(w.named, 0);
  w.loss = 0.01;
  const struct vr_conservation_pair *p = run(&w, 34);
  assert_int_equal(w.named, 1);
  assert_string_equal(p->from, "h1");
  assert_string_equal(p->to, "h2");
  assert_true(p->lossy && fabs(p->loss - 0.01) < 0.001);
  assert_true(fabs(p->sent - 1e6) < 1e5);
  w.loss = 0;
  p = run(&w, 140);
  assert_false(p->lossy);
  assert_true(p->loss == 0);
  teardown(&w);
}

/* An hour of bursts, clocks 4 ms apart: nothing is claimed; with 1 % it is. */
static void bursts_are_no_loss(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.rate = bursts;
  w.skew = 0.004;
  run(&w, 3600);
  assert_int_equal(w.named, 0);
  w.loss = 0.01;
  const struct vr_conservation_pair *p = run(&w, 120);
  assert_true(p->lossy && fabs(p->loss - 0.01) < 0.003);
  teardown(&w);
}

/* Readings that are half an interval apart prove nothing, of bursts least. */
static void what_cannot_be_known_is_not_said(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.rate = bursts;
  w.phase[1] = 5;
  const struct vr_conservation_pair *p = run(&w, 3600);
  assert_int_equal(w.named, 0);
  assert_true(isnan(p->loss));
  teardown(&w);
}

static void
a_host_that_does_not_count_what_arrives_loses_nothing(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.deaf = true;
  const struct vr_conservation_pair *p = run(&w, 600);
  assert_int_equal(w.named, 0);
  assert_true(!p || isnan(p->loss));
  teardown(&w);
}

/* With readings each second the phase matters less. */
static void readings_each_second_need_no_phase(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.interval = 1;
  w.phase[0] = 0.03;
  w.phase[1] = 0.02;
  run(&w, 600);
  assert_int_equal(w.named, 0);
  w.loss = 0.01;
  assert_true(run(&w, 90)->lossy);
  teardown(&w);
}

/* Forty frames of 1000 bytes become one on the way: 6.4 % of the bytes are
 * headers that are not there any longer. */
static void merged_frames_are_no_loss(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.merge = 40;
  const struct vr_conservation_pair *p = run(&w, 600);
  assert_int_equal(w.named, 0);
  assert_true(isnan(p->loss));
  w.loss = 0.1;
  assert_true(run(&w, 60)->lossy);
  teardown(&w);
}

static struct vr_conservation_count count_at(double seconds, int64_t count) {
  return (struct vr_conservation_count){
      .unit = VR_CONSERVATION_OCTETS,
      .has = {true, true},
      .count = {count, count},
      .time = vr_signal_time_of_seconds(seconds),
      .interval = vr_signal_time_of_seconds(1e9)};
}

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A host may send whatever interval and times it likes: there are 10^8 windows
 * between these two readings, and everybody's values wait for the lock. */
static void a_long_gap_costs_nothing(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  double begin = cpu_seconds();
  for (int i = 0; i < 3; i++) {
    struct vr_conservation_count count = count_at(10 + 1e9 * i, 1000 * i);
    assert_int_equal(vr_conservation_take(w.c, "h1", "x", MAC_Y, &count), 0);
  }
  assert_true(cpu_seconds() - begin < 1);
  teardown(&w);
}

static void a_counter_is_never_negative(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  struct vr_conservation_count count = count_at(10, INT64_MIN);
  assert_int_equal(vr_conservation_take(w.c, "h1", "x", MAC_Y, &count),
                   -EINVAL);
  teardown(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_percent_is_found_in_half_a_minute),
      cmocka_unit_test(bursts_are_no_loss),
      cmocka_unit_test(what_cannot_be_known_is_not_said),
      cmocka_unit_test(a_host_that_does_not_count_what_arrives_loses_nothing),
      cmocka_unit_test(readings_each_second_need_no_phase),
      cmocka_unit_test(merged_frames_are_no_loss),
      cmocka_unit_test(a_long_gap_costs_nothing),
      cmocka_unit_test(a_counter_is_never_negative),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
