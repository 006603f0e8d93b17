/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/paths_print.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 20
#else
#define SLOWER 1
#endif

/* Four guests in a ring on four hosts, a star with lines of 5 MB/s through the
 * host h0, and ways between neighbours that have their own 5 MB/s: what the
 * probe with tbf had. */
static const char ring[] =
    "{\"format\": \"vmrecon-instance\", \"version\": 1, \"hosts\": ["
    "{\"name\": \"h0\"}, {\"name\": \"h1\"}, {\"name\": \"h2\"},"
    "{\"name\": \"h3\"}, {\"name\": \"h4\"}], \"guests\": ["
    "{\"name\": \"a\", \"host\": \"h1\"}, {\"name\": \"b\", \"host\": \"h2\"},"
    "{\"name\": \"c\", \"host\": \"h3\"}, {\"name\": \"d\", \"host\": \"h4\"}],"
    "\"demands\": ["
    "{\"from\": \"a\", \"to\": \"b\", \"bytes_per_second\": %1$g},"
    "{\"from\": \"b\", \"to\": \"c\", \"bytes_per_second\": %1$g},"
    "{\"from\": \"c\", \"to\": \"d\", \"bytes_per_second\": %1$g},"
    "{\"from\": \"d\", \"to\": \"a\", \"bytes_per_second\": %1$g}],"
    "\"underlay\": {\"hub\": \"h0\", \"links\": ["
    "{\"name\": \"hub in\", \"capacity\": 5e6, \"to\": [\"h0\"]},"
    "{\"name\": \"hub out\", \"capacity\": 5e6, \"from\": [\"h0\"]},"
    "{\"name\": \"12\", \"capacity\": 5e6, \"from\": [\"h1\"], \"to\": "
    "[\"h2\"]},"
    "{\"name\": \"23\", \"capacity\": 5e6, \"from\": [\"h2\"], \"to\": "
    "[\"h3\"]},"
    "{\"name\": \"34\", \"capacity\": 5e6, \"from\": [\"h3\"], \"to\": "
    "[\"h4\"]},"
    "{\"name\": \"41\", \"capacity\": 5e6, \"from\": [\"h4\"], \"to\": "
    "[\"h1\"]}],"
    "\"routes\": [%2$s]}}";

static void parse(double each, const char *routes, struct vr_instance *ret) {
  char text[4096];
  struct vr_error e = {0};
  snprintf(text, sizeof(text), ring, each, routes);
  if (vr_instance_parse("test", text, ret, &e) < 0)
    fail_msg("%s", e.message);
}

static void plan_of(double each, const char *routes, struct vr_instance *i,
                    struct vr_paths_plan *plan) {
  parse(each, routes, i);
  assert_int_equal(vr_paths_find(&i->paths, plan), 0);
}

/* The star carries 5 MB/s for all; four lines of their own, 20. */
static void a_ring_on_a_star_goes_direct(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_paths_plan plan;
  plan_of(1.25e6, "", &i, &plan);
  assert_true(fabs(plan.by_default - 5e6) < 1);
  assert_true(fabs(plan.now - 5e6) < 1);
  assert_true(fabs(plan.planned - 20e6) < 1);
  /* One of them has the star to itself, which is as wide as its own line. */
  size_t direct = 0;
  for (size_t k = 0; k < 4; k++)
    direct += plan.via[(k + 1) * 5 + (k + 1) % 4 + 1] == VR_PATHS_DIRECT;
  assert_int_equal(direct, 3);
  /* Nobody talks the other way round: that stays. */
  assert_int_equal(plan.via[2 * 5 + 1], 0);
  vr_paths_plan_clear(&plan);
  vr_instance_clear(&i);
}

/* What fits through the star stays there, and comes back to it. */
static void the_default_is_kept_where_it_is_enough(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_paths_plan plan;
  static const char direct[] =
      "{\"from\": \"h1\", \"to\": \"h2\", \"via\": null}";
  plan_of(0.9e6, direct, &i, &plan);
  assert_int_equal(i.paths.via[1 * 5 + 2], VR_PATHS_DIRECT);
  assert_int_equal(plan.via[1 * 5 + 2], 0);
  assert_true(plan.planned == plan.by_default && plan.planned == plan.total);
  vr_paths_plan_clear(&plan);
  vr_instance_clear(&i);
}

/* Two flows on a link of 10, one of which wants 2: 2 and 8 (the textbook's
 * way); a third one on a link of 5 that it shares with the second: 5 in all. */
static void rates_are_max_min_fair(void **state) {
  (void)state;
  struct vr_paths p;
  double rates[3];
  assert_int_equal(vr_paths_init(&p, 4), 0);
  struct vr_paths_link *l = vr_paths_add_link(&p, "ten", 10, 0);
  l->from[0] = l->to[1] = l->to[2] = true;
  l = vr_paths_add_link(&p, "five", 5, 0);
  l->from[0] = l->from[3] = l->to[2] = true;
  struct vr_paths_flow flows[] = {{.from = 0, .to = 1, .want = 2},
                                  {.from = 0, .to = 2, .want = 100},
                                  {.from = 3, .to = 2, .want = 1}};
  p.flows = flows;
  p.n_flows = 3;
  assert_true(fabs(vr_paths_carried(&p, p.via, rates) - 7) < 1e-6);
  assert_true(fabs(rates[0] - 2) < 1e-6 && fabs(rates[1] - 4) < 1e-6 &&
              fabs(rates[2] - 1) < 1e-6);
  flows[2].want = 100;
  assert_true(fabs(vr_paths_carried(&p, p.via, rates) - 7) < 1e-6);
  assert_true(fabs(rates[1] - 2.5) < 1e-6 && fabs(rates[2] - 2.5) < 1e-6);
  p.flows = NULL;
  vr_paths_clear(&p);
}

/* Two relays in a row, and a circle, are no ways. */
static void a_relay_goes_on_directly(void **state) {
  (void)state;
  struct vr_paths p;
  assert_int_equal(vr_paths_init(&p, 4), 0);
  p.relays[1] = p.relays[2] = true;
  p.via[0 * 4 + 3] = 1;
  assert_true(vr_paths_are_valid(&p, p.via));
  p.via[1 * 4 + 3] = 2;
  assert_false(vr_paths_are_valid(&p, p.via));
  p.via[1 * 4 + 3] = 0; /* back to where it came from */
  assert_false(vr_paths_are_valid(&p, p.via));
  p.via[1 * 4 + 3] = VR_PATHS_DIRECT;
  p.unreachable[1 * 4 + 3] = true;
  assert_false(vr_paths_are_valid(&p, p.via));
  p.via[0 * 4 + 3] = 2;
  assert_true(vr_paths_are_valid(&p, p.via));
  p.relays[2] = false;
  assert_false(vr_paths_are_valid(&p, p.via));
  vr_paths_clear(&p);
}

/* Behind a wall: the only way is by the relay, and the flow gets through. */
static void a_host_that_is_not_reached_has_a_relay(void **state) {
  (void)state;
  struct vr_paths p;
  struct vr_paths_plan plan;
  struct vr_paths_flow flow = {.from = 0, .to = 2, .bytes = 7, .want = 7};
  assert_int_equal(vr_paths_init(&p, 3), 0);
  p.relays[1] = true;
  p.unreachable[0 * 3 + 2] = true;
  p.flows = &flow;
  p.n_flows = 1;
  assert_int_equal(vr_paths_find(&p, &plan), 0);
  assert_true(plan.by_default == 0 && plan.planned == 7);
  assert_int_equal(plan.via[0 * 3 + 2], 1);
  p.flows = NULL;
  vr_paths_plan_clear(&plan);
  vr_paths_clear(&p);
}

/* 12 hosts of which each sends to each, and the most that there may be: the
 * bound is of processor time. */
static void it_takes_less_than_50_ms(void **state) {
  (void)state;
  for (size_t n = 12; n <= VR_PATHS_HOSTS; n += VR_PATHS_HOSTS - 12) {
    struct vr_paths p;
    struct vr_paths_plan plan;
    assert_int_equal(vr_paths_init(&p, n), 0);
    p.flows = calloc(VR_PATHS_FLOWS, sizeof(*p.flows));
    for (size_t h = 0; h < n; h++) {
      p.relays[h] = true;
      struct vr_paths_link *out =
          vr_paths_add_link(&p, "o", 100 + 7.0 * (double)h, 0);
      out->from[h] = true;
      memset(out->to, 1, n);
      struct vr_paths_link *in =
          vr_paths_add_link(&p, "i", 100 + 5.0 * (double)h, 0);
      in->to[h] = true;
      memset(in->from, 1, n);
    }
    for (size_t w = 0; w < n * n && p.n_flows < VR_PATHS_FLOWS; w++)
      if (w / n != w % n) {
        p.flows[p.n_flows++] = (struct vr_paths_flow){
            .from = w / n, .to = w % n, .want = 1 + (double)(w * 7919 % 101)};
        struct vr_paths_link *own =
            vr_paths_add_link(&p, "own", 1 + (double)(w * 31 % 37), 0);
        if (own)
          own->from[w / n] = own->to[w % n] = true;
      }
    clock_t begin = clock();
    assert_int_equal(vr_paths_find(&p, &plan), 0);
    double ms = 1000.0 * (double)(clock() - begin) / CLOCKS_PER_SEC;
    print_message("%zu hosts, %zu flows, %zu links: %.1f ms\n", n, p.n_flows,
                  p.n_links, ms);
    assert_true(plan.planned >= plan.by_default);
    assert_true(vr_paths_are_valid(&p, plan.via));
    assert_true(ms < (n == 12 ? 50 : 200) * SLOWER);
    vr_paths_plan_clear(&plan);
    vr_paths_clear(&p);
  }
}

/* The file of a problem with an underlay is read as it was written. */
static void a_file_keeps_it(void **state) {
  (void)state;
  struct vr_instance i, again;
  struct vr_paths_plan plan;
  struct vr_error e;
  plan_of(1.25e6, "{\"from\": \"h2\", \"to\": \"h1\", \"via\": null}", &i,
          &plan);
  i.plan = vr_paths_json(&i, &plan);
  char *text = vr_instance_format(&i);
  assert_non_null(text);
  assert_int_equal(vr_instance_parse("again", text, &again, &e), 0);
  char *second = vr_instance_format(&again);
  assert_string_equal(text, second);
  assert_string_equal(i.plan, again.plan);
  free(text);
  free(second);
  vr_paths_plan_clear(&plan);
  vr_instance_clear(&i);
  vr_instance_clear(&again);
}

static void refused(const char *underlay, const char *why) {
  char text[1024];
  struct vr_instance i;
  struct vr_error e = {0};
  snprintf(text, sizeof(text),
           "{\"format\": \"vmrecon-instance\", \"version\": 1, \"hosts\": ["
           "{\"name\": \"x\"}, {\"name\": \"y\"}, {\"name\": \"z\"}],"
           "\"guests\": [], \"demands\": [], \"underlay\": %s}",
           underlay);
  assert_int_equal(vr_instance_parse("test", text, &i, &e), -EINVAL);
  if (!strstr(e.message, why))
    fail_msg("%s, not %s", e.message, why);
}

static void what_is_wrong_is_named(void **state) {
  (void)state;
  refused("3", "underlay: must be an object");
  refused("{\"hub\": \"q\"}", "underlay.hub: must be the name of a host");
  refused("{\"links\": [{\"name\": \"l\"}]}",
          "underlay.links[0].capacity: must be a number greater than 0");
  refused("{\"links\": [{\"name\": \"l\", \"capacity\": 1, \"to\": [1]}]}",
          "underlay.links[0].to: must be the name of a host");
  refused("{\"unreachable\": [{\"from\": \"x\", \"to\": \"x\"}]}",
          "underlay.unreachable[0].to: must be another host");
  refused("{\"routes\": [{\"from\": \"x\", \"to\": \"y\", \"via\": \"z\"}]}",
          "underlay.routes: a relay");
  refused("{\"relays\": {}}", "underlay.relays: must be an array");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_ring_on_a_star_goes_direct),
      cmocka_unit_test(the_default_is_kept_where_it_is_enough),
      cmocka_unit_test(rates_are_max_min_fair),
      cmocka_unit_test(a_relay_goes_on_directly),
      cmocka_unit_test(a_host_that_is_not_reached_has_a_relay),
      cmocka_unit_test(it_takes_less_than_50_ms),
      cmocka_unit_test(a_file_keeps_it),
      cmocka_unit_test(what_is_wrong_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
