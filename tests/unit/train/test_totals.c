/* SPDX-License-Identifier: MIT */
#include "../unit.h"
#include "train/data/totals.h"

#include <math.h>

#define ROWS 10

static void a_burst_that_the_end_cuts_does_not_count(void **state) {
  (void)state;
  /* The last burst reaches y one row after the span. */
  const double y[ROWS] = {0, 0, 50, 50, 0, 0, 0, 0, 0, 0};
  const double yhat[ROWS] = {0, 0, 20, 50, 30, 0, 0, 0, 0, 90};
  assert_true(fabs(vr_totals_ratio(y, yhat, 0, ROWS) - 1) < 1e-12);
}

static void a_burst_at_the_beginning_neither(void **state) {
  (void)state;
  const double y[ROWS] = {70, 0, 50, 50, 0, 0, 0, 0, 0, 0};
  const double yhat[ROWS] = {1, 0, 20, 50, 29, 0, 0, 0, 0, 0};
  assert_true(fabs(vr_totals_ratio(y, yhat, 0, ROWS) - 0.99) < 1e-12);
}

static void a_burst_that_the_beginning_cuts_counts_whole(void **state) {
  (void)state;
  const double y[ROWS] = {0, 60, 40, 0, 0, 0, 0, 0, 0, 0};
  const double yhat[ROWS] = {0, 20, 50, 30, 0, 0, 0, 0, 0, 0};
  assert_true(fabs(vr_totals_ratio(y, yhat, 2, ROWS) - 1) < 1e-12);
}

static void what_is_never_quiet_is_summed_whole(void **state) {
  (void)state;
  const double y[ROWS] = {4, 4, 4, 4, 4, 4, 4, 4, 4, 4};
  const double yhat[ROWS] = {5, 5, 5, 5, 5, NAN, 5, 5, 5, 5};
  assert_true(fabs(vr_totals_ratio(y, yhat, 0, ROWS) - 1.25) < 1e-12);
}

static void nothing_has_no_ratio(void **state) {
  (void)state;
  const double zero[ROWS] = {0}, unknown[3] = {NAN, NAN, NAN};
  assert_true(isnan(vr_totals_ratio(zero, zero, 0, ROWS)));
  assert_true(isnan(vr_totals_ratio(zero, unknown, 0, 3)));
  assert_true(isnan(vr_totals_ratio(unknown, zero, 0, 3)));
}

static void a_mean_leaves_gaps_out(void **state) {
  (void)state;
  const double x[4] = {1, NAN, 5, INFINITY};
  assert_true(vr_totals_mean_of_known(x, 4) == 3);
  assert_true(isnan(vr_totals_mean_of_known(x + 1, 1)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_burst_that_the_end_cuts_does_not_count),
      cmocka_unit_test(a_burst_at_the_beginning_neither),
      cmocka_unit_test(a_burst_that_the_beginning_cuts_counts_whole),
      cmocka_unit_test(what_is_never_quiet_is_summed_whole),
      cmocka_unit_test(nothing_has_no_ratio),
      cmocka_unit_test(a_mean_leaves_gaps_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
