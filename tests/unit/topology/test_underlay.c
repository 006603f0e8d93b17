/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/underlay.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Three hosts; h1 and h2 have their VTEPs at 192.0.2.11 and .12. */
struct world {
  struct vr_underlay u;
  struct vr_conservation *c;
  struct vr_placement placement;
  struct vr_paths p;
  vr_time now;
};

static int begin(void **state) {
  static struct world w;
  struct vr_conservation_options o = vr_conservation_defaults();
  w = (struct world){.c = vr_conservation_new(&o),
                     .now = 1700000000 * VR_SECOND};
  vr_underlay_init(&w.u, 10);
  for (int h = 1; h <= 3; h++) {
    char name[8];
    snprintf(name, sizeof(name), "h%d", h);
    vr_placement_add_host(&w.placement, name, 0, 0, 0);
  }
  assert_int_equal(vr_paths_init(&w.p, 3), 0);
  *state = &w;
  return 0;
}

static int end(void **state) {
  struct world *w = *state;
  vr_underlay_clear(&w->u);
  vr_conservation_free(w->c);
  vr_placement_clear(&w->placement);
  vr_paths_clear(&w->p);
  return 0;
}

static void give(struct world *w, const char *host, const char *plugin,
                 const char *instance, const char *type,
                 const char *type_instance, double value) {
  const struct vr_identifier id = {host, plugin, instance, type, type_instance};
  assert_int_equal(vr_underlay_take(&w->u, &id, value, w->now), 0);
}

static void apply(struct world *w) {
  assert_int_equal(vr_underlay_apply(&w->u, w->c, &w->placement, w->now, &w->p),
                   0);
}

static void half_of_a_ping_is_the_delay(void **state) {
  struct world *w = *state;
  assert_int_equal(
      vr_underlay_address(&w->u, "h2", "192.0.2.12", VR_LEDGER_EVER), 0);
  give(w, "h1", "ping", "", "ping", "192.0.2.12", 0.4);
  give(w, "h1", "ping", "", "ping_droprate", "192.0.2.12", 0.1);
  give(w, "h3", "ping", "", "ping", "h2", 3);
  give(w, "h1", "ping", "", "ping", "example.org", 20);
  apply(w);
  assert_true(fabs(vr_paths_delay(&w->p, 0, 1, VR_PATHS_DIRECT, NAN) - 2e-4) <
              1e-12);
  assert_true(fabs(w->p.seen[0 * 3 + 1].drop - 0.1) < 1e-12);
  assert_true(fabs(vr_paths_delay(&w->p, 2, 1, VR_PATHS_DIRECT, NAN) - 1.5e-3) <
              1e-12);
  assert_true(isnan(vr_paths_delay(&w->p, 1, 0, VR_PATHS_DIRECT, NAN)));
  /* Through h3: from there on it is known, the way there is not. */
  assert_true(isnan(vr_paths_delay(&w->p, 0, 1, 2, NAN)));
}

static void no_answer_is_no_delay(void **state) {
  struct world *w = *state;
  give(w, "h1", "ping", "", "ping", "h2", 0.4);
  give(w, "h1", "ping", "", "ping", "h2", NAN);
  give(w, "h1", "ping", "", "ping_droprate", "h2", 1);
  apply(w);
  assert_true(isnan(vr_paths_delay(&w->p, 0, 1, VR_PATHS_DIRECT, NAN)));
  assert_true(vr_paths_loss(&w->p, 0, 1, VR_PATHS_DIRECT) == 1);
  w->now += 200 * VR_SECOND; /* nothing more is heard of it */
  vr_paths_clear(&w->p);
  vr_paths_init(&w->p, 3);
  apply(w);
  assert_true(isnan(vr_paths_loss(&w->p, 0, 1, VR_PATHS_DIRECT)));
}

static void octets(struct world *w, int64_t rx, int64_t tx) {
  const struct vr_identifier id = {"h1", "vmrecon_underlay", "eth0",
                                   "if_octets", ""};
  assert_int_equal(vr_underlay_octets(&w->u, &id, rx, tx, w->now), 0);
}

/* 1 Gbit/s, of which others use 5 MB/s out. */
static void a_link_is_as_fast_as_its_interface(void **state) {
  struct world *w = *state;
  give(w, "h1", "vmrecon_underlay", "eth0", "gauge", "speed", 125e6);
  give(w, "h1", "vmrecon_underlay", "eth0", "gauge", "mtu", 9000);
  octets(w, 0, 0);
  w->now += 10 * VR_SECOND;
  octets(w, 0, 50000000);
  apply(w);
  assert_int_equal(w->p.n_links, 2);
  assert_string_equal(w->p.links[0].source, "link speed");
  assert_int_equal(w->p.cards[0].mtu, 9000);
  assert_true(fabs(vr_paths_available(&w->p, 0, 1, VR_PATHS_DIRECT) - 120e6) <
              1);
  assert_true(fabs(vr_paths_available(&w->p, 1, 0, VR_PATHS_DIRECT) - 125e6) <
              1);
  assert_true(isinf(vr_paths_available(&w->p, 1, 2, VR_PATHS_DIRECT)));
}

static void what_is_configured_holds(void **state) {
  struct world *w = *state;
  struct vr_paths_link *l = vr_paths_add_link(&w->p, "card", 1e6, 0);
  l->from[0] = l->to[0] = l->to[1] = l->to[2] = true;
  give(w, "h1", "vmrecon_underlay", "eth0", "gauge", "speed", 125e6);
  apply(w);
  assert_int_equal(w->p.n_links, 2); /* only that of the other direction */
  assert_true(vr_paths_available(&w->p, 0, 1, VR_PATHS_DIRECT) == 1e6);
}

/* What a host sends goes into a file that has to stay JSON. */
static void what_no_card_has_is_passed_over(void **state) {
  struct world *w = *state;
  give(w, "h1", "vmrecon_underlay", "eth\xff", "gauge", "speed", INFINITY);
  give(w, "h1", "vmrecon_underlay", "eth\xff", "gauge", "mtu", 1e30);
  give(w, "h1", "vmrecon_underlay", "eth\xff", "gauge", "mtu", 1500);
  give(w, "h1", "ping", "", "ping", "h2", INFINITY);
  give(w, "h1", "ping", "", "ping_droprate", "h2", INFINITY);
  give(w, "h3", "ping", "", "ping", "h2", -1);
  apply(w);
  assert_int_equal(w->p.n_links, 0);
  assert_int_equal(w->p.cards[0].mtu, 1500);
  assert_string_equal(w->p.cards[0].interface, "eth_");
  assert_true(isnan(w->p.seen[0 * 3 + 1].delay));
  assert_true(isnan(w->p.seen[0 * 3 + 1].drop));
  assert_true(isnan(w->p.seen[2 * 3 + 1].delay));
}

static void counters_of_a_card_are_never_negative(void **state) {
  struct world *w = *state;
  const struct vr_identifier id = {"h1", "vmrecon_underlay", "eth0",
                                   "if_octets", ""};
  assert_int_equal(vr_underlay_octets(&w->u, &id, INT64_MIN, 0, w->now),
                   -EINVAL);
}

static int claim(struct world *w, const char *host, const char *instance) {
  const struct vr_identifier id = {host, "vmrecon_underlay", "eth0", "gauge",
                                   instance};
  return vr_underlay_take(&w->u, &id, 1, w->now);
}

/* Pings of an address are somebody's: nobody takes it from whom has it. */
static void an_address_stays_whose_it_is(void **state) {
  struct world *w = *state;
  assert_int_equal(
      vr_underlay_address(&w->u, "h2", "192.0.2.12", VR_LEDGER_EVER), 0);
  assert_int_equal(claim(w, "h3", "vtep_192.0.2.12"), -EBUSY);
  assert_int_equal(claim(w, "h2", "vtep_192.0.2.13"), 0);
  assert_int_equal(claim(w, "h3", "vtep_192.0.2.13"), -EBUSY);
  give(w, "h1", "ping", "", "ping", "192.0.2.12", 0.4);
  apply(w);
  assert_true(isnan(w->p.seen[0 * 3 + 2].delay));
  assert_false(isnan(w->p.seen[0 * 3 + 1].delay));
  w->now += 200 * VR_SECOND; /* h2 has another one by now */
  assert_int_equal(claim(w, "h3", "vtep_192.0.2.13"), 0);
  assert_int_equal(claim(w, "h3", "vtep_192.0.2.12"), -EBUSY);
}

/* Whoever pings everything takes all room, but not for ever. */
static void what_is_not_heard_of_is_forgotten(void **state) {
  struct world *w = *state;
  char target[16], address[24];
  int r = 0;
  for (int i = 0; r == 0 && i < 10000; i++) {
    const struct vr_identifier id = {"h3", "ping", "", "ping", target};
    snprintf(target, sizeof(target), "t%d", i);
    r = vr_underlay_take(&w->u, &id, 1, w->now);
  }
  assert_int_equal(r, -ENOSPC);
  for (int i = r = 0; r == 0 && i < 10000; i++) {
    snprintf(address, sizeof(address), "vtep_%d", i);
    r = claim(w, "h3", address);
  }
  assert_int_equal(r, -ENOSPC);
  w->now += 700 * VR_SECOND;
  vr_underlay_forget(&w->u, w->now);
  assert_int_equal(w->u.hosts.n, 0);
  give(w, "h1", "ping", "", "ping", "h2", 0.4);
  assert_int_equal(claim(w, "h1", "vtep_192.0.2.11"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(half_of_a_ping_is_the_delay, begin, end),
      cmocka_unit_test_setup_teardown(no_answer_is_no_delay, begin, end),
      cmocka_unit_test_setup_teardown(a_link_is_as_fast_as_its_interface, begin,
                                      end),
      cmocka_unit_test_setup_teardown(what_is_configured_holds, begin, end),
      cmocka_unit_test_setup_teardown(what_no_card_has_is_passed_over, begin,
                                      end),
      cmocka_unit_test_setup_teardown(counters_of_a_card_are_never_negative,
                                      begin, end),
      cmocka_unit_test_setup_teardown(an_address_stays_whose_it_is, begin, end),
      cmocka_unit_test_setup_teardown(what_is_not_heard_of_is_forgotten, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
