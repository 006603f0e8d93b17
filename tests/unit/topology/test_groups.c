/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "generate.h"
#include "topology/groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 96 };
static double rate[MOST * MOST];
static size_t n;

static void begin(size_t guests) {
  n = guests;
  memset(rate, 0, sizeof(rate));
}

static void send(size_t from, size_t to, double bytes) {
  rate[from * n + to] += bytes;
}

static void ring(size_t first, size_t members, double bytes) {
  for (size_t i = 0; i < members; i++)
    send(first + i, first + (i + 1) % members, bytes * (1 + 0.1 * (double)i));
}

static void a_guest_alone_is_in_no_group(void **state) {
  (void)state;
  struct vr_groups g;
  begin(5);
  ring(0, 4, 1000);
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 1);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(g.group[i], 0);
  assert_int_equal(g.group[4], -1);
  vr_groups_clear(&g);
}

static void nothing_gives_nothing(void **state) {
  (void)state;
  struct vr_groups g;
  begin(7);
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 0);
  vr_groups_clear(&g);
  assert_int_equal(vr_groups_separate(rate, 0, NULL, &g), 0);
  vr_groups_clear(&g);
}

static void rates_may_differ_by_orders_of_magnitude(void **state) {
  (void)state;
  struct vr_groups g;
  begin(10);
  ring(0, 5, 1e7);
  ring(5, 5, 1e3);
  send(2, 7, 20); /* somebody looks a name up */
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 2);
  for (size_t i = 0; i < 10; i++)
    assert_int_equal(g.group[i], i < 5 ? 0 : 1); /* most traffic first */
  vr_groups_clear(&g);
}

static void a_backup_server_is_set_aside(void **state) {
  (void)state;
  struct vr_groups g;
  begin(13);
  ring(0, 6, 1e4);
  ring(6, 6, 1e4);
  for (size_t i = 0; i < 12; i++)
    send(i, 12, 5e4 + 1e3 * (double)i);
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 2);
  for (size_t i = 0; i < 13; i++)
    assert_true(g.is_hub[i] == (i == 12));
  assert_true(g.group[0] == g.group[5] && g.group[6] == g.group[11]);
  assert_true(g.group[0] != g.group[6]);
  vr_groups_clear(&g);
}

static void the_centre_of_a_star_is_no_service(void **state) {
  (void)state;
  struct vr_groups g;
  begin(12);
  for (size_t i = 1; i < 12; i++)
    send(i, 0, 1000);
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 1);
  assert_false(g.is_hub[0]);
  assert_int_equal(g.group[0], 0);
  vr_groups_clear(&g);
}

static void a_link_of_a_chain_is_no_service(void **state) {
  (void)state;
  struct vr_groups g;
  begin(14);
  for (size_t i = 0; i < 13; i++)
    send(i, i + 1, 1000);
  for (size_t i = 0; i < 14; i++) /* and resolves everybody's names */
    if (i != 6)
      send(i, 6, 40);
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 1);
  assert_false(g.is_hub[6]);
  vr_groups_clear(&g);
}

static void a_service_may_be_named(void **state) {
  (void)state;
  struct vr_groups g;
  bool known[7] = {[6] = true};
  begin(7);
  ring(0, 6, 1000);
  for (size_t i = 0; i < 6; i++)
    send(6, i, 1000);
  assert_int_equal(vr_groups_separate(rate, n, known, &g), 0);
  assert_true(g.is_hub[6]);
  assert_int_equal(g.group[6], -1);
  assert_int_equal(g.n_groups, 1);
  vr_groups_clear(&g);
}

static void rubbish_is_nothing(void **state) {
  (void)state;
  struct vr_groups g;
  begin(4);
  ring(0, 3, 100);
  send(0, 3, NAN);
  send(3, 1, -1e9);
  rate[2 * n + 2] = 1e9;
  assert_int_equal(vr_groups_separate(rate, n, NULL, &g), 0);
  assert_int_equal(g.n_groups, 1);
  assert_int_equal(g.group[3], -1);
  vr_groups_clear(&g);
}

/* Four applications of random patterns, sizes and rates, a backup server that
 * takes half as many bytes as all of them, idle guests, background. */
static bool separates_a_scene(struct random *r) {
  size_t first[5] = {0};
  struct vr_template t[4];
  for (int a = 0; a < 4; a++) {
    while (!pattern_template(random_index(r, PATTERNS), 4 + random_index(r, 13),
                             &t[a])) {
    }
    first[a + 1] = first[a] + t[a].n;
  }
  begin(first[4] + 3);
  for (int a = 0; a < 4; a++) {
    double one[VR_TOPOLOGY_MEMBERS * VR_TOPOLOGY_MEMBERS];
    double scale = pow(10, 3 * random_uniform(r));
    generate_weights(r, &t[a], (enum background)random_index(r, 3), .1, 6, one);
    for (size_t p = 0; p < t[a].n * t[a].n; p++)
      send(first[a] + p / t[a].n, first[a] + p % t[a].n, scale * one[p]);
  }
  double all = 0;
  for (size_t p = 0; p < n * n; p++)
    all += rate[p];
  for (size_t i = 0; i < first[4]; i++)
    send(i, first[4], exp(.5 * random_normal(r)) * all / 2 / (double)first[4]);
  struct vr_groups g;
  bool right = vr_groups_separate(rate, n, NULL, &g) == 0 && g.n_groups == 4 &&
               g.is_hub[first[4]];
  for (size_t i = 0; right && i < first[4]; i++)
    for (int a = 0; a < 4; a++)
      if (i >= first[a] && i < first[a + 1])
        right = g.group[i] >= 0 && g.group[i] == g.group[first[a]];
  vr_groups_clear(&g);
  return right;
}

static void separates_four_applications(void **state) {
  (void)state;
  struct random r = random_of(15);
  unsigned right = 0;
  for (int i = 0; i < 60; i++)
    right += separates_a_scene(&r);
  assert_true(right >= 57);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_guest_alone_is_in_no_group),
      cmocka_unit_test(nothing_gives_nothing),
      cmocka_unit_test(rates_may_differ_by_orders_of_magnitude),
      cmocka_unit_test(a_backup_server_is_set_aside),
      cmocka_unit_test(the_centre_of_a_star_is_no_service),
      cmocka_unit_test(a_link_of_a_chain_is_no_service),
      cmocka_unit_test(a_service_may_be_named),
      cmocka_unit_test(rubbish_is_nothing),
      cmocka_unit_test(separates_four_applications),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
