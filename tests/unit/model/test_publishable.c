/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "model/publishable.h"

#include <math.h>

static struct vr_model_input input;

/* An inferred model of FIT percent, whose baselines have MEAN and GAIN. */
static struct vr_model model_of(double fit, double mean, double gain) {
  return (struct vr_model){
      .provenance = VR_INFERRED,
      .n_inputs = 1,
      .inputs = &input,
      .fit = {.free_run = fit},
      .baseline = {.mean_fit = mean, .has_gain = true, .gain_fit = gain},
  };
}

static void what_is_measured_is_published(void **state) {
  (void)state;
  struct vr_model m = model_of(NAN, 50, 50);
  for (int p = VR_DIRECT; p < VR_INFERRED; p++) {
    m.provenance = (enum vr_provenance)p;
    assert_true(vr_model_publishable(&m, 5));
  }
}

static void a_model_needs_min_fit(void **state) {
  (void)state;
  struct vr_model m = model_of(5, NAN, NAN);
  assert_true(vr_model_publishable(&m, 5));
  assert_false(vr_model_publishable(&m, 5.001));
  m.fit.free_run = NAN;
  assert_false(vr_model_publishable(&m, 0));
  m.fit.free_run = -INFINITY;
  assert_false(vr_model_publishable(&m, -1e6));
}

static void a_model_must_beat_its_baselines(void **state) {
  (void)state;
  struct vr_model m = model_of(40, 40, 10);
  assert_false(vr_model_publishable(&m, 5));
  m = model_of(40, 10, 40);
  assert_false(vr_model_publishable(&m, 5));
  m.baseline.has_gain = false;
  assert_true(vr_model_publishable(&m, 5));
  m = model_of(40, 39, 39);
  assert_true(vr_model_publishable(&m, 5));
}

static void the_mean_of_the_validation_data_counts_as_zero(void **state) {
  (void)state;
  struct vr_model m = model_of(0, -30, -20);
  assert_true(vr_model_best_baseline(&m.baseline) == 0);
  assert_false(vr_model_publishable(&m, 0));
  m.fit.free_run = 0.001;
  assert_true(vr_model_publishable(&m, 0));
}

static void what_the_trainer_withheld_is_not_published(void **state) {
  (void)state;
  struct vr_model m = model_of(90, 0, 0);
  m.withheld = true;
  assert_false(vr_model_publishable(&m, 5));
  m.withheld = false;
  m.n_inputs = 0;
  assert_false(vr_model_publishable(&m, 5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_measured_is_published),
      cmocka_unit_test(a_model_needs_min_fit),
      cmocka_unit_test(a_model_must_beat_its_baselines),
      cmocka_unit_test(the_mean_of_the_validation_data_counts_as_zero),
      cmocka_unit_test(what_the_trainer_withheld_is_not_published),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
