/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "train/data/member_sums.h"

#include <math.h>
#include <stdlib.h>

#define ROWS 10
#define U NAN

/* The sums of N columns are EXPECTED. */
static void assert_sums(const double (*x)[ROWS], size_t n,
                        const double *expected) {
  struct vr_member_sums s;
  assert_int_equal(vr_member_sums_new(ROWS, &s), 0);
  for (size_t i = 0; i < n; i++)
    vr_member_sums_add(&s, x[i]);
  double *sum = vr_member_sums_take(&s);
  for (size_t i = 0; i < ROWS; i++)
    assert_true(sum[i] == expected[i] || (isnan(sum[i]) && isnan(expected[i])));
  free(sum);
}

static void one_follows_the_other(void **state) {
  (void)state;
  const double x[][ROWS] = {{1, 2, 3, U, U, U, U, U, U, U},
                            {U, U, U, U, 5, 6, 7, 8, U, U}};
  assert_sums(x, 2, (double[]){1, 2, 3, U, 5, 6, 7, 8, U, U});
}

static void what_is_there_together_adds_up(void **state) {
  (void)state;
  const double x[][ROWS] = {{1, 2, 3, 4, 5, 6, U, U, U, U},
                            {U, U, 10, 10, 10, 10, 10, 10, 10, 10},
                            {U, U, U, U, U, U, U, U, U, U}};
  assert_sums(x, 3, (double[]){1, 2, 13, 14, 15, 16, 10, 10, 10, 10});
}

/* Two rows that are lost are a gap of all; three mean that it was not there. */
static void a_gap_is_one_of_the_sum(void **state) {
  (void)state;
  const double x[][ROWS] = {{1, U, U, 1, 1, U, U, U, 1, 1},
                            {7, 7, 7, 7, 7, 7, 7, 7, 7, 7}};
  assert_sums(x, 2, (double[]){8, U, U, 8, 8, 7, 7, 7, 8, 8});
}

/* vnet3, then vnet17, then vnet3 again. */
static void a_number_may_come_back(void **state) {
  (void)state;
  const double x[][ROWS] = {{1, 1, U, U, U, U, U, U, 2, 2},
                            {U, U, U, 4, 4, 4, 4, U, U, U}};
  assert_sums(x, 2, (double[]){1, 1, U, 4, 4, 4, 4, U, 2, 2});
}

/* What goes on as another is not missing from the sum meanwhile. */
static void a_hand_over_is_a_gap_beside_others(void **state) {
  (void)state;
  const double x[][ROWS] = {{100, 100, 100, U, U, U, U, U, U, U},
                            {U, U, U, U, 100, 100, 100, U, U, U},
                            {7, 7, 7, 7, 7, 7, 7, 7, 7, 7}};
  assert_sums(x, 3, (double[]){107, 107, 107, U, 107, 107, 107, 7, 7, 7});
}

static void of_none_nothing_is_known(void **state) {
  (void)state;
  assert_sums(NULL, 0, (double[]){U, U, U, U, U, U, U, U, U, U});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_follows_the_other),
      cmocka_unit_test(what_is_there_together_adds_up),
      cmocka_unit_test(a_gap_is_one_of_the_sum),
      cmocka_unit_test(a_number_may_come_back),
      cmocka_unit_test(a_hand_over_is_a_gap_beside_others),
      cmocka_unit_test(of_none_nothing_is_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
