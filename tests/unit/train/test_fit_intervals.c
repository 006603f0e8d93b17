/* SPDX-License-Identifier: MIT
 *
 * Half-widths from held-out residuals, counted by hand.
 */
#include "recording.h"
#include "train/fit/fit_intervals.h"

#include <stdlib.h>
#include <string.h>

/* Twenty blocks of two samples; block k has the residuals k + 1 and -(k + 1).
 * So with one more block at infinity the 0.9 quantile is that of the 0.9 x 21 =
 * 18.9th block: 19. */
static void test_quantile(void **state) {
  (void)state;
  double e[40];
  for (int i = 0; i < 40; i++)
    e[i] = (i / 2 + 1) * (i % 2 ? -1 : 1);
  const struct vr_residuals group = {.n = 40, .e = e};
  struct vr_model m = {.provenance = VR_INFERRED};
  assert_int_equal(vr_fit_interval_set(&group, 1, false, 2, NULL, &m), 0);
  assert_near(m.intervals.level, 0.9, 0);
  assert_int_equal(m.intervals.n_regimes, 1);
  assert_near(m.intervals.half_width[0], 19, 0);
  assert_true(isnan(m.intervals.coverage));
  vr_model_clear(&m);
}

/* Eight blocks are fewer than 0.9 / 0.1 = 9: no finite width, so none. */
static void test_too_few(void **state) {
  (void)state;
  double e[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  const struct vr_residuals group = {.n = 8, .e = e};
  struct vr_model m = {.provenance = VR_INFERRED};
  assert_int_equal(vr_fit_interval_set(&group, 1, false, 1, NULL, &m), 0);
  assert_near(m.intervals.level, 0, 0);
  vr_model_clear(&m);
}

/* Busy below 0.2, from there, and from 0.9 on; what is not known is between. */
static void test_regimes(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(5, 1);
  double *busy = recording_source(d, "busy"),
         *y = recording_truth(d, VR_CONTEXTSWITCH);
  const double levels[] = {0.1, 0.2, 0.89, 0.9, NAN};
  double predicted[5];
  bool keep[5] = {true, true, false, true, true};
  for (int i = 0; i < 5; i++) {
    busy[i] = levels[i];
    y[i] = 10 * i;
    predicted[i] = 10 * i - 4;
  }
  struct vr_group g;
  assert_true(vr_fit_interval_knows_regimes(d));
  assert_int_equal(
      vr_fit_intervals_new(d, VR_CONTEXTSWITCH, predicted, 2, keep, &g), 0);
  const unsigned wanted[] = {VR_IDLE, VR_LOADED, VR_LOADED, VR_SATURATED,
                             VR_LOADED};
  for (int i = 0; i < 5; i++) {
    assert_int_equal(g.regime[i], wanted[i]);
    if (keep[i])
      assert_near(g.e[i], 2, 0);
    else
      assert_true(isnan(g.e[i]));
  }
  vr_fit_intervals_clear(&g);
  recording_free(d);
}

/* Five memories long, within 60 and 450 s. A square wave of 40 s on, 40 s off
 * has the autocorrelation 1 - k/20: below 1/e from lag 13 on, so 65 s. */
static void test_block(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(800, 1);
  double *y = recording_truth(d, VR_CONTEXTSWITCH);
  unsigned seed = 1;
  const struct vr_guest_data *all[] = {d};
  for (size_t i = 0; i < 800; i++)
    y[i] = (double)(i / 40 % 2);
  assert_int_equal(vr_fit_interval_block(all, 1, VR_CONTEXTSWITCH), 65);
  for (size_t i = 0; i < 800; i++)
    y[i] = recording_noise(&seed);
  assert_int_equal(vr_fit_interval_block(all, 1, VR_CONTEXTSWITCH), 60);
  for (size_t i = 0; i < 800; i++)
    y[i] = (double)i;
  assert_int_equal(vr_fit_interval_block(all, 1, VR_CONTEXTSWITCH), 450);
  d->grid.step = 10;
  assert_int_equal(vr_fit_interval_block(all, 1, VR_CONTEXTSWITCH), 45);
  recording_free(d);
}

/* Nine guests are blocks of their own, eight are not. */
static void test_guests(void **state) {
  (void)state;
  assert_true(vr_fit_interval_guest_block(9, 60) == SIZE_MAX);
  assert_int_equal(vr_fit_interval_guest_block(8, 60), 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quantile), cmocka_unit_test(test_too_few),
      cmocka_unit_test(test_regimes),  cmocka_unit_test(test_block),
      cmocka_unit_test(test_guests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
