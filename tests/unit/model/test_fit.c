/* SPDX-License-Identifier: MIT
 *
 * The fit in percent, by hand.
 */
#include "../unit.h"
#include "model/fit.h"

#include <math.h>

#define assert_near(x, wanted, tolerance)                                      \
  assert_true(fabs((x) - (wanted)) <= (tolerance))

/* |y - yhat| = sqrt(2), |y - mean| = sqrt(8): 100 (1 - 1/2). */
static void test_fit(void **state) {
  (void)state;
  const double y[] = {1, 5, NAN, 3, 3, 100}, yhat[] = {2, 4, 9, 3, 3, NAN};
  assert_near(vr_model_fit_of(y, yhat, NULL, 6), 50, 1e-9);
  const unsigned char used[] = {0, 1, 1, 1, 1, 1};
  /* 5, 3, 3 against 4, 3, 3: 1 / sqrt(8/3). */
  assert_near(vr_model_fit_of(y, yhat, used, 6), 100 * (1 - sqrt(3. / 8)),
              1e-9);
  assert_true(isnan(vr_model_fit_of(y, yhat, used, 1)));
}

/* Two parts, each against its own mean: 1, 5 (error 2, spread 8) and 100, 104,
 * 108 (error 1 + 4, spread 32) give 100 (1 - sqrt(7/40)). */
static void test_parts(void **state) {
  (void)state;
  const double y1[] = {1, 5}, x1[] = {2, 4}, y2[] = {100, 104, 108},
               x2[] = {101, 104, 106};
  struct vr_model_fit_sums s = {0};
  vr_model_fit_add(&s, y1, x1, NULL, 2);
  vr_model_fit_add(&s, y2, x2, NULL, 3);
  assert_near(s.error, 7, 1e-12);
  assert_near(s.spread, 40, 1e-12);
  assert_near(vr_model_fit_percent(s.error, s.spread),
              100 * (1 - sqrt(7. / 40)), 1e-12);
}

static void test_limits(void **state) {
  (void)state;
  assert_true(isnan(vr_model_fit_percent(1, 0)));
  assert_true(vr_model_fit_percent(INFINITY, 1) == -INFINITY);
  assert_true(vr_model_fit_percent(0, 3) == 100);
  assert_true(vr_model_fit_percent(3, 3) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fit),
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
