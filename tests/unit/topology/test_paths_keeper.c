/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/instance_underlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Four guests in a ring on four hosts. By default all ways lead through h0,
 * which carries 5 MB/s in and out; each host has a line of its own of OWN to
 * the next one. The interval is 10 s of simulated time. */
struct world {
  struct vr_paths_keeper k;
  double now, own, demand; /* bytes per second: of a line, of a guest */
  double loss;             /* part, of direct ways */
  double tries;            /* what is sent where nothing arrives */
  bool reversed;           /* the ring goes the other way round */
  unsigned changes[4];
  char *ways;
};

static void setup(struct world *w) {
  *w = (struct world){.k.options = vr_paths_keeper_defaults(),
                      .now = 1e9,
                      .own = 5e6,
                      .demand = 5e6};
}

static void teardown(struct world *w) {
  vr_paths_keeper_clear(&w->k);
  free(w->ways);
}

/* The next host of the ring, in the direction that it has now. */
static unsigned next_of(const struct world *w, unsigned h) {
  return w->reversed ? (h + 2) % 4 + 1 : h % 4 + 1;
}

/* What guest H gets: its line if it has a direct way, else its part of what the
 * hub carries. TRUTH is what the line really carries. */
static double gets(const struct world *w, unsigned h, double truth) {
  char way[64];
  unsigned through = 0, direct = 0;
  for (unsigned i = 1; i <= 4; i++) {
    snprintf(way, sizeof(way), "{\"from\":\"h%u\",\"to\":\"h%u\"", i,
             next_of(w, i));
    bool has = w->ways && strstr(w->ways, way);
    through += !has;
    direct |= has && i == h;
  }
  return fmin(w->demand, direct ? truth : 5e6 / through);
}

static void make_instance(struct world *w, double truth,
                          struct vr_instance *ret) {
  *ret = (struct vr_instance){.time = w->now};
  for (unsigned h = 0; h <= 4; h++) {
    char name[8];
    snprintf(name, sizeof(name), "h%u", h);
    vr_placement_add_host(&ret->placement, name, 0, 0, 0);
    vr_placement_add_guest(&ret->placement, name, 0, 0, h);
  }
  for (unsigned h = 1; h <= 4; h++)
    vr_placement_add_demand(&ret->placement, h, next_of(w, h),
                            gets(w, h, truth));
  for (size_t d = 0; d < ret->placement.n_demands; d++)
    if (ret->placement.demands[d].latest == 0)
      ret->placement.demands[d].sent = w->tries;
}

static void format_underlay(const struct world *w, char *ret, size_t size) {
  int n =
      snprintf(ret, size,
               "{\"hub\": \"h0\", \"links\": ["
               "{\"name\": \"in\", \"capacity\": 5e6, \"to\": [\"h0\"]},"
               "{\"name\": \"out\", \"capacity\": 5e6, \"from\": [\"h0\"]}");
  for (unsigned h = 1; h <= 4; h++)
    n += snprintf(ret + n, size - (size_t)n,
                  ", {\"name\": \"own%u\", \"capacity\": %g, \"from\": "
                  "[\"h%u\"], \"to\": [\"h%u\", \"h%u\"]}",
                  h, w->own, h, h % 4 + 1, (h + 2) % 4 + 1);
  snprintf(ret + n, size - (size_t)n, "]}");
}

/* What is measured of every way, if anything. */
static void see(const struct world *w, struct vr_paths *p) {
  for (size_t k = 0; w->loss > 0 && k < p->n * p->n; k++) {
    bool direct = strcmp(w->ways ? w->ways : "[]", "[]") != 0;
    p->seen[k].loss = direct ? w->loss : 0;
    p->seen[k].since = w->now - 10;
  }
}

/* One interval, in which direct ways carry TRUTH. */
static enum vr_paths_keeper_change interval(struct world *w, double truth) {
  char text[2048];
  struct vr_instance i;
  struct vr_paths_plan plan = {0};
  struct vr_error e = {0};
  enum vr_paths_keeper_change change = VR_PATHS_KEEPER_SAME;
  w->now += 10;
  make_instance(w, truth, &i);
  format_underlay(w, text, sizeof(text));
  if (vr_instance_underlay_take("test", text, &i, &e) < 0)
    fail_msg("%s", e.message);
  see(w, &i.paths);
  assert_int_equal(vr_instance_underlay_plan(&i, &w->k, &plan, &change), 0);
  free(w->ways);
  w->ways = strdup(i.decided);
  w->changes[change]++;
  vr_paths_plan_clear(&plan);
  vr_instance_clear(&i);
  return change;
}

static unsigned changes(const struct world *w) {
  return w->changes[VR_PATHS_KEEPER_PLAN] +
         w->changes[VR_PATHS_KEEPER_DEFAULT] +
         w->changes[VR_PATHS_KEEPER_WORSE];
}

static void a_plan_is_followed_when_seen_twice(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_SAME);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_PLAN);
  double sum = 0;
  for (unsigned h = 1; h <= 4; h++)
    sum += gets(&w, h, 5e6);
  assert_true(sum >= 2.5 * 5e6);
  for (int i = 0; i < 360; i++)
    interval(&w, 5e6);
  assert_int_equal(changes(&w), 1);
  teardown(&w);
}

static void the_default_comes_back_when_it_is_enough(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  for (int i = 0; i < 10; i++)
    interval(&w, 5e6);
  assert_string_not_equal(w.ways, "[]");
  w.demand = 1e5;
  for (int i = 0; i < 10; i++)
    interval(&w, 5e6);
  assert_string_equal(w.ways, "[]");
  assert_int_equal(w.changes[VR_PATHS_KEEPER_DEFAULT], 1);
  assert_int_equal(changes(&w), 2);
  teardown(&w);
}

/* Rings to and fro, every 10 to 100 s, for an hour each: never more than one
 * change in a minute. */
static void patterns_that_alternate_change_once_a_minute(void **state) {
  (void)state;
  for (int every = 1; every <= 10; every++) {
    struct world w;
    double last = 0;
    setup(&w);
    for (int i = 0; i < 360; i++) {
      w.reversed = i / every % 2 == 1;
      if (interval(&w, 5e6) == VR_PATHS_KEEPER_SAME)
        continue;
      assert_true(w.now - last >= 60);
      last = w.now;
    }
    assert_int_equal(w.changes[VR_PATHS_KEEPER_WORSE], 0);
    teardown(&w);
  }
}

/* The lines are said to carry 5 MB/s each, and carry half of what the star
 * gave: left in two intervals, and not tried again for an hour. */
static void a_way_that_is_worse_is_left(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  interval(&w, 5e6);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_PLAN);
  assert_int_equal(interval(&w, 0.6e6), VR_PATHS_KEEPER_SAME);
  assert_int_equal(interval(&w, 0.6e6), VR_PATHS_KEEPER_WORSE);
  assert_string_equal(w.ways, "[]");
  double left = w.now;
  for (int i = 0; i < 355; i++)
    interval(&w, 0.6e6);
  assert_true(w.now - left < 3600);
  assert_int_equal(w.changes[VR_PATHS_KEEPER_WORSE], 2);
  interval(&w, 5e6);
  for (int i = 0; i < 20; i++)
    interval(&w, 5e6);
  assert_string_not_equal(w.ways, "[]");
  teardown(&w);
}

/* Nothing arrives at all: TCP sends less and less, but it tries. */
static void a_way_that_is_dead_is_left(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.tries = 100;
  interval(&w, 5e6);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_PLAN);
  assert_int_equal(interval(&w, 0), VR_PATHS_KEEPER_SAME);
  assert_int_equal(interval(&w, 0), VR_PATHS_KEEPER_WORSE);
  assert_string_equal(w.ways, "[]");
  teardown(&w);
}

/* Guests that send no less because frames are lost: nothing but the loss shows
 * that the lines are worse than the star. Left in the first whole window. */
static void a_way_that_loses_is_left(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.demand = 1.25e6; /* as much as the star gives to each */
  w.loss = 0.05;
  interval(&w, 5e6);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_PLAN);
  assert_int_equal(interval(&w, 5e6), VR_PATHS_KEEPER_WORSE);
  assert_string_equal(w.ways, "[]");
  teardown(&w);
}

/* Where four times as much arrives, 5 percent are no reason. */
static void loss_of_a_way_that_is_wider_does_not_matter(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  w.loss = 0.05;
  for (int i = 0; i < 100; i++)
    interval(&w, 5e6);
  assert_int_equal(w.changes[VR_PATHS_KEEPER_WORSE], 0);
  assert_string_not_equal(w.ways, "[]");
  teardown(&w);
}

/* The ring turns round, and where data went are acknowledgements: a tenth. */
static void a_pattern_that_turns_is_no_fault_of_the_way(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  interval(&w, 5e6);
  interval(&w, 5e6);
  w.demand = 0.2 * 1.25e6;
  for (int i = 0; i < 6; i++)
    assert_int_not_equal(interval(&w, 5e6), VR_PATHS_KEEPER_WORSE);
  teardown(&w);
}

/* A guest that stops sending proves nothing of its way. */
static void traffic_that_ends_is_no_fault_of_the_way(void **state) {
  (void)state;
  struct world w;
  setup(&w);
  interval(&w, 5e6);
  interval(&w, 5e6);
  w.demand = 0.01e6;
  for (int i = 0; i < 20; i++)
    interval(&w, 5e6);
  assert_int_equal(w.changes[VR_PATHS_KEEPER_WORSE], 0);
  assert_string_equal(w.ways, "[]");
  teardown(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plan_is_followed_when_seen_twice),
      cmocka_unit_test(the_default_comes_back_when_it_is_enough),
      cmocka_unit_test(patterns_that_alternate_change_once_a_minute),
      cmocka_unit_test(a_way_that_is_worse_is_left),
      cmocka_unit_test(a_way_that_is_dead_is_left),
      cmocka_unit_test(a_way_that_loses_is_left),
      cmocka_unit_test(loss_of_a_way_that_is_wider_does_not_matter),
      cmocka_unit_test(a_pattern_that_turns_is_no_fault_of_the_way),
      cmocka_unit_test(traffic_that_ends_is_no_fault_of_the_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
