/* SPDX-License-Identifier: MIT
 *
 * Widths and their coverage: by hand, and by what they promise over many draws
 * from processes whose truth is known.
 */
#include "reference.h"

#include "../unit.h"

#include "sysid/coverage.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* By hand. Four blocks of two: |e| = 1 2 | 3 4 | 5 6 | 7 8, each sample 1/8 of
 * 4/5. Half of all: the sum reaches 0.5 * 5 = 2.5 with the fifth, 5. 80 % is
 * the last, 8; more is not to be had from four blocks. */
static void width_by_hand(void **state) {
  (void)state;
  const double e[] = {1, -2, -3, 4, 5, 6, -8, 7};
  double q;
  assert_int_equal(vr_conformal_width(8, e, 2, 0.5, &q, NULL), 0);
  assert_true(q == 5);
  assert_int_equal(vr_conformal_width(8, e, 2, 0.8, &q, NULL), 0);
  assert_true(q == 8);
  assert_int_equal(vr_conformal_width(8, e, 2, 0.81, &q, NULL), 0);
  assert_true(q == INFINITY);
  /* Blocks of 3: of 7 samples the last joins its neighbours, 1 2 3 | 4 5 6 8:
   * 0.5 * 3 = 1.5 with 5. Of 8 the last two are a block: 0.5 * 4 = 2 with 6. */
  assert_int_equal(vr_conformal_width(7, e, 3, 0.5, &q, NULL), 0);
  assert_true(q == 5);
  assert_int_equal(vr_conformal_width(8, e, 3, 0.5, &q, NULL), 0);
  assert_true(q == 6);
}

/* Two groups: no block reaches over their border, and as whole groups they are
 * two blocks of unlike length. */
static void widths_of_groups_by_hand(void **state) {
  (void)state;
  const double first[] = {1, 2, 3}, second[] = {-4, 5, 6, 7};
  const struct vr_residuals groups[] = {{3, first, NULL}, {4, second, NULL}};
  double q;
  /* 1 2 | 3 | 4 5 | 6 7: 0.6 * 5 = 3 is reached with 5, weights 1/2 1/2 1 1/2
   * 1/2. In one row 1 2 | 3 4 | 5 6 | 7 it would be 6. */
  assert_int_equal(vr_conformal_widths(groups, 2, 0, 2, 0.6, &q, NULL), 0);
  assert_true(q == 5);
  /* 1 2 3 | 4 5 6 7: 0.5 * 3 = 1.5 is reached with the second of the four. */
  assert_int_equal(vr_conformal_widths(groups, 2, 0, SIZE_MAX, 0.5, &q, NULL),
                   0);
  assert_true(q == 5);
  assert_int_equal(vr_conformal_widths(groups, 2, 0, SIZE_MAX, 0.9, &q, NULL),
                   0);
  assert_true(q == INFINITY);
}

static void widths_of_regimes_by_hand(void **state) {
  (void)state;
  /* Regime 0 in blocks of 2: 1 | 2 | 3 | 4; regime 1 only 0.5 in one block;
   * regime 2 never. Level 0.6 of 5 blocks: 3 reached with 3. */
  const double e[] = {1, 0.5, -2, NAN, 3, NAN, 4, NAN};
  const unsigned regime[] = {0, 1, 0, 0, 0, 0, 0, 0};
  const struct vr_residuals group = {8, e, regime};
  double q[3];
  assert_int_equal(vr_conformal_widths(&group, 1, 3, 2, 0.6, q, NULL), 0);
  assert_true(q[0] == 3);
  assert_true(q[1] == 3); /* of all together: wider than 0.5 */
  assert_true(q[2] == INFINITY);
}

/* The promise itself: errors whose size changes from block to block; widths
 * from 40 blocks hold 90 % of a new block on average over many draws. */
static void widths_cover_a_new_block(void **state) {
  (void)state;
  enum { RUNS = 400, BLOCKS = 40, BLOCK = 10 };
  unsigned long long seed = 72;
  double covered = 0;
  for (int run = 0; run < RUNS; run++) {
    double e[(BLOCKS + 1) * BLOCK], q;
    for (int b = 0; b <= BLOCKS; b++) {
      double size = exp(normal(&seed));
      for (int t = 0; t < BLOCK; t++)
        e[b * BLOCK + t] = size * normal(&seed);
    }
    vr_conformal_width(BLOCKS * BLOCK, e, BLOCK, 0.9, &q, NULL);
    for (int t = 0; t < BLOCK; t++)
      covered += fabs(e[BLOCKS * BLOCK + t]) <= q;
  }
  covered /= RUNS * BLOCK;
  /* Standard deviation of the mean over runs: about 0.012. */
  assert_true(covered > 0.87 && covered < 0.95);
}

/* --- groups that differ --- */

enum { MOST = 16, LENGTH = 60 };

struct world {
  double e[MOST][LENGTH];
  struct vr_residuals groups[MOST];
};

/* N groups whose levels are OFFSET apart and whose sizes differ by a factor of
 * about exp(SIZE). */
static void make_world(struct world *w, int n, double offset, double size,
                       unsigned long long *seed) {
  for (int g = 0; g < n; g++) {
    double level = offset * normal(seed), scale = exp(size * normal(seed));
    for (int t = 0; t < LENGTH; t++)
      w->e[g][t] = level + scale * normal(seed);
    w->groups[g] = (struct vr_residuals){LENGTH, w->e[g], NULL};
  }
}

/* Share of a new group's samples within widths from N others in blocks. */
static double new_group_coverage(int n, size_t block, double offset,
                                 unsigned long long seed) {
  enum { RUNS = 600 };
  double covered = 0;
  for (int run = 0; run < RUNS; run++) {
    struct world w;
    double q;
    make_world(&w, n + 1, offset, 0.2, &seed);
    assert_int_equal(
        vr_conformal_widths(w.groups, (size_t)n, 0, block, 0.9, &q, NULL), 0);
    for (int t = 0; t < LENGTH; t++)
      covered += fabs(w.e[n][t]) <= q;
  }
  return covered / (RUNS * LENGTH);
}

/* Where groups differ in level, blocks are not exchangeable and promise too
 * much of a new group; groups themselves keep the promise. Where they do not
 * differ, blocks are good. Standard deviation over runs: at most 0.013. */
static void only_groups_promise_a_new_group(void **state) {
  (void)state;
  assert_true(new_group_coverage(3, 5, 4, 11) < 0.85);
  double by_group = new_group_coverage(12, SIZE_MAX, 4, 12);
  assert_true(by_group > 0.88 && by_group < 0.97);
  double alike = new_group_coverage(3, 5, 0, 13);
  assert_true(alike > 0.87 && alike < 0.94);
}

/* --- measured coverage --- */

static void coverage_by_hand(void **state) {
  (void)state;
  /* Group 0 is tested with widths from [1]: blocks of 1, 1 2 3 4, level 0.6 of
   * 5: 3. Group 1 with those of [2]: 10 20 30 40, so 30. */
  const double a[] = {1, -3, 4, NAN}, b[] = {29, -31, 31, 5};
  const double for_a[] = {1, 2, 3, 4}, for_b[] = {40, 30, 20, 10};
  const struct vr_residuals test[] = {{4, a, NULL}, {4, b, NULL}},
                            calibration[] = {{0, NULL, NULL},
                                             {4, for_a, NULL},
                                             {4, for_b, NULL},
                                             {0, NULL, NULL}};
  struct vr_coverage_design d = {.n_groups = 2,
                                 .test = test,
                                 .calibration = calibration,
                                 .calibration_block = 1,
                                 .block = 2,
                                 .level = 0.6};
  struct vr_coverage c, same;
  double by_group[2];
  assert_int_equal(vr_coverage_measure(&d, 0, &c, by_group, NULL), 0);
  assert_true(fabs(c.coverage - 4. / 7) < 1e-15);
  assert_true(fabs(by_group[0] - 2. / 3) < 1e-15 && by_group[1] == 0.5);
  assert_true(fabs(c.mean_width - 2 * (3 * 3 + 4 * 30) / 7.) < 1e-14);
  assert_int_equal(c.samples, 7);
  assert_int_equal(c.blocks, 4);
  assert_true(c.lower < c.coverage && c.coverage < c.upper && c.upper <= 1);
  assert_int_equal(vr_coverage_measure(&d, 0, &same, NULL, NULL), 0);
  assert_true(same.lower == c.lower && same.upper == c.upper);
}

/* Coverage of one world, tested crosswise. */
static struct vr_coverage measure(const struct world *w, size_t n,
                                  unsigned resamples) {
  struct vr_residuals pairs[MOST * MOST];
  for (size_t g = 0; g < n; g++)
    for (size_t h = 0; h < n; h++)
      pairs[g * n + h] = w->groups[h];
  struct vr_coverage_design d = {.n_groups = n,
                                 .test = w->groups,
                                 .calibration = pairs,
                                 .calibration_block = 5,
                                 .block = 5,
                                 .level = 0.9};
  struct vr_coverage c;
  assert_int_equal(vr_coverage_measure(&d, resamples, &c, NULL, NULL), 0);
  return c;
}

/* Groups that are calibrated on what others are tested with are sorted once,
 * all together: the same numbers, bit by bit, as where each is sorted for each.
 */
static void one_list_serves_all_groups(void **state) {
  (void)state;
  struct world w, copy;
  unsigned long long seed = 33;
  make_world(&w, 5, 1, 0, &seed);
  seed = 33;
  make_world(&copy, 5, 1, 0, &seed);
  struct vr_residuals apart[25];
  for (size_t i = 0; i < 25; i++)
    apart[i] = copy.groups[i % 5];
  const struct vr_coverage_design d = {.n_groups = 5,
                                       .test = w.groups,
                                       .calibration = apart,
                                       .calibration_block = 5,
                                       .block = 5,
                                       .level = 0.9};
  struct vr_coverage one = measure(&w, 5, 50), other;
  assert_int_equal(vr_coverage_measure(&d, 50, &other, NULL, NULL), 0);
  assert_true(one.coverage == other.coverage && one.lower == other.lower &&
              one.upper == other.upper && one.blocks == other.blocks &&
              one.mean_width == other.mean_width);
}

/* What the uncertainty is for: over many worlds it must hold the coverage that
 * the procedure has on average, nearly as often as it says. */
static void uncertainty_holds_the_expected_coverage(void **state) {
  (void)state;
  enum { RUNS = 150, GROUPS = 8 };
  struct vr_coverage c[RUNS];
  unsigned long long seed = 31;
  double expected = 0, held = 0;
  for (int run = 0; run < RUNS; run++) {
    struct world w;
    make_world(&w, GROUPS, 1, 0.3, &seed);
    c[run] = measure(&w, GROUPS, 200);
    expected += c[run].coverage / RUNS;
  }
  for (int run = 0; run < RUNS; run++)
    held +=
        (c[run].lower <= expected && expected <= c[run].upper) / (double)RUNS;
  /* 95 % are promised; from eight groups a little less is to be had. */
  assert_true(held > 0.85);
}

/* Groups alike in all: the interval is hardly wider than that of a binomial
 * over test and calibration samples together. */
static void uncertainty_is_small_where_nothing_differs(void **state) {
  (void)state;
  struct world w;
  unsigned long long seed = 32;
  make_world(&w, MOST, 0, 0, &seed);
  struct vr_coverage c = measure(&w, MOST, 400);
  double se = sqrt(0.09 / (MOST * LENGTH));
  assert_true(c.upper - c.lower > 3 * se && c.upper - c.lower < 8 * se);
  assert_true(c.lower < 0.9 && c.upper > 0.9);
}

static void what_cannot_be_measured_is_refused(void **state) {
  (void)state;
  const double e[] = {1, 2, 3}, none[] = {NAN, NAN, NAN};
  const unsigned regime[] = {0, 3, 0};
  const struct vr_residuals good = {3, e, NULL}, empty = {3, none, NULL},
                            odd = {3, e, regime};
  struct vr_residuals pair[] = {good, good}, all[] = {good, good, good, good};
  struct vr_error error;
  struct vr_coverage c = {.samples = 77};
  double q = 5;
  assert_int_equal(vr_conformal_width(0, e, 3, 0.9, &q, &error), -ENODATA);
  assert_int_equal(vr_conformal_width(3, e, 0, 0.9, &q, &error), -EINVAL);
  assert_int_equal(vr_conformal_width(3, e, 3, 1, &q, &error), -EINVAL);
  assert_int_equal(vr_conformal_widths(&empty, 1, 0, 1, 0.5, &q, &error),
                   -ENODATA);
  assert_int_equal(vr_conformal_widths(&odd, 1, 3, 1, 0.5, &q, &error),
                   -EINVAL);
  assert_true(q == 5);
  struct vr_coverage_design d = {2, pair, all, 0, 1, 1, 0.9};
  d.n_groups = 1;
  assert_int_equal(vr_coverage_measure(&d, 0, &c, NULL, &error), -EINVAL);
  d.n_groups = 2;
  all[1] = odd;
  assert_int_equal(vr_coverage_measure(&d, 0, &c, NULL, &error), -EINVAL);
  all[1] = good;
  pair[0] = pair[1] = empty;
  assert_int_equal(vr_coverage_measure(&d, 0, &c, NULL, &error), -ENODATA);
  assert_int_equal(c.samples, 77);
  /* Nothing to calibrate on: no finite width, and all is held. */
  pair[0] = pair[1] = good;
  all[1] = all[2] = empty;
  assert_int_equal(vr_coverage_measure(&d, 0, &c, NULL, &error), 0);
  assert_true(c.coverage == 1 && c.mean_width == INFINITY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(width_by_hand),
      cmocka_unit_test(widths_of_groups_by_hand),
      cmocka_unit_test(widths_of_regimes_by_hand),
      cmocka_unit_test(widths_cover_a_new_block),
      cmocka_unit_test(only_groups_promise_a_new_group),
      cmocka_unit_test(coverage_by_hand),
      cmocka_unit_test(one_list_serves_all_groups),
      cmocka_unit_test(uncertainty_holds_the_expected_coverage),
      cmocka_unit_test(uncertainty_is_small_where_nothing_differs),
      cmocka_unit_test(what_cannot_be_measured_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
