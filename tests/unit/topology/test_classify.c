/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "generate.h"
#include "topology/classify.h"

#include <math.h>
#include <string.h>

static struct vr_classifier *c;

static int begin(void **state) {
  (void)state;
  c = vr_classify_new();
  return c ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  vr_classify_free(c);
  return 0;
}

enum { N = VR_TOPOLOGY_MEMBERS };
static double rate[N * N];

static void send(unsigned n, unsigned from, unsigned to, double bytes) {
  rate[from * n + to] = bytes;
}

static struct vr_classification classify(unsigned n) {
  struct vr_classification a;
  vr_classify(c, rate, n, &a);
  memset(rate, 0, sizeof(rate));
  return a;
}

/* Written by hand: who sends to whom, nothing else. */
static void names_what_is_drawn_by_hand(void **state) {
  (void)state;
  for (unsigned i = 0; i < 6; i++)
    send(6, i, (i + 1) % 6, 1000 + 100 * i);
  assert_int_equal(classify(6).topology, VR_TOPOLOGY_RING);
  for (unsigned i = 0; i < 5; i++)
    send(6, i, i + 1, 1000 + 100 * i);
  assert_int_equal(classify(6).topology, VR_TOPOLOGY_BUS);
  for (unsigned i = 1; i < 6; i++)
    send(6, i, 0, 1000 + 100 * i);
  assert_int_equal(classify(6).topology, VR_TOPOLOGY_STAR);
  for (unsigned i = 0; i < 6; i++)
    for (unsigned j = 0; j < i; j++)
      send(6, i, j, 1000 + 100 * i);
  assert_int_equal(classify(6).topology, VR_TOPOLOGY_ALL_TO_ALL);
  for (unsigned i = 0; i < 2; i++)
    for (unsigned j = 2; j < 7; j++)
      send(7, i, j, 1000 + 100 * j);
  struct vr_classification a = classify(7);
  assert_int_equal(a.topology, VR_TOPOLOGY_BIPARTITE);
  assert_int_equal(a.side, 2);
}

static void a_tree_need_not_be_a_regular_one(void **state) {
  (void)state;
  static const unsigned parent[] = {0, 0, 0, 1, 1, 1, 2, 6, 7};
  for (unsigned i = 1; i < 9; i++)
    send(9, i, parent[i], 1000 + 100 * i);
  assert_int_equal(classify(9).topology, VR_TOPOLOGY_TREE);
}

static void small_ones_have_few_names(void **state) {
  (void)state;
  send(2, 0, 1, 5);
  assert_int_equal(classify(2).topology, VR_TOPOLOGY_ALL_TO_ALL);
  send(3, 0, 1, 5);
  send(3, 2, 1, 5);
  assert_int_equal(classify(3).topology, VR_TOPOLOGY_STAR);
}

static void says_none_without_traffic(void **state) {
  (void)state;
  assert_int_equal(classify(5).topology, VR_TOPOLOGY_NONE);
  assert_int_equal(classify(1).topology, VR_TOPOLOGY_NONE);
  send(5, 0, 1, NAN);
  assert_int_equal(classify(5).topology, VR_TOPOLOGY_NONE);
  send(5, 0, 1, INFINITY);
  assert_int_equal(classify(5).topology, VR_TOPOLOGY_NONE);
}

static void the_order_of_members_does_not_matter(void **state) {
  (void)state;
  struct random r = random_of(11);
  for (int trial = 0; trial < 20; trial++) {
    unsigned at[12];
    random_order(&r, 12, at);
    for (unsigned i = 0; i < 12; i++) /* a torus 3 x 4 */
      for (unsigned k = 0; k < 2; k++) {
        unsigned j = k ? (i + 4) % 12 : i / 4 * 4 + (i + 1) % 4;
        send(12, at[i], at[j], 1e6);
      }
    struct vr_classification a = classify(12);
    assert_int_equal(a.topology, VR_TOPOLOGY_TORUS);
    assert_int_equal(a.side, 3);
    assert_true(a.confidence > 95);
  }
}

static void the_unit_of_rates_does_not_matter(void **state) {
  (void)state;
  struct random r = random_of(12);
  for (int trial = 0; trial < 20; trial++) {
    struct vr_template t;
    struct vr_classification a, b;
    assert_true(pattern_template((unsigned)trial % PATTERNS, 8, &t) ||
                vr_template_ring(8, &t));
    generate_weights(&r, &t, UNIFORM, .1, 6, rate);
    vr_classify(c, rate, 8, &a);
    for (unsigned p = 0; p < 64; p++)
      rate[p] *= 12345;
    vr_classify(c, rate, 8, &b);
    assert_int_equal(a.topology, b.topology);
    memset(rate, 0, sizeof(rate));
  }
}

/* The bench has the whole table; these are its worst sizes. */
static unsigned right_of(unsigned n, unsigned trials, bool flows,
                         struct random *r, unsigned *ret_all) {
  unsigned right = 0;
  *ret_all = 0;
  for (unsigned k = 0; k < PATTERNS; k++) {
    struct vr_template t;
    if (!pattern_template(k, n, &t))
      continue;
    for (unsigned i = 0; i < trials; i++) {
      if (flows)
        generate_flows(r, &t, .1, 6, rate);
      else
        generate_weights(r, &t, (enum background)(i % BACKGROUNDS), .1, 6,
                         rate);
      struct vr_classification a;
      vr_classify(c, rate, n, &a);
      right += a.topology == t.kind;
      (*ret_all)++;
    }
  }
  memset(rate, 0, sizeof(rate));
  return right;
}

static void names_noisy_patterns(void **state) {
  (void)state;
  static const unsigned sizes[] = {4, 6, 9, 16, 32};
  struct random r = random_of(13);
  for (unsigned i = 0; i < 5; i++)
    for (int flows = 0; flows < 2; flows++) {
      unsigned all, right = right_of(sizes[i], 15, flows, &r, &all);
      assert_true(right >= all * 0.95);
    }
}

static void claims_no_pattern_where_there_is_none(void **state) {
  (void)state;
  struct random r = random_of(14);
  unsigned claims = 0, all = 0;
  for (unsigned n = 8; n <= 16; n += 4)
    for (unsigned i = 0; i < 60; i++, all++) {
      struct vr_template t;
      struct vr_classification a;
      irregular_template(&r, n, &t);
      generate_weights(&r, &t, (enum background)(i % BACKGROUNDS), .1, 6, rate);
      vr_classify(c, rate, n, &a);
      claims += a.topology != VR_TOPOLOGY_IRREGULAR;
    }
  assert_true(claims <= all * 0.05);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_what_is_drawn_by_hand),
      cmocka_unit_test(a_tree_need_not_be_a_regular_one),
      cmocka_unit_test(small_ones_have_few_names),
      cmocka_unit_test(says_none_without_traffic),
      cmocka_unit_test(the_order_of_members_does_not_matter),
      cmocka_unit_test(the_unit_of_rates_does_not_matter),
      cmocka_unit_test(names_noisy_patterns),
      cmocka_unit_test(claims_no_pattern_where_there_is_none),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
