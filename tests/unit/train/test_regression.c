/* SPDX-License-Identifier: MIT
 *
 * Ridge regression from inner products alone, against numpy on the same rows:
 * y = 5 + 3 u(t-1) + v + noise. Expected: python3 expected.py.
 */
#include "recording.h"
#include "train/fit/build_features.h"
#include "train/fit/choose_inputs.h"
#include "train/fit/feature_grams.h"
#include "train/fit/regression.h"
#include "train/fit/static_baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 600, ALL = 31 };

static struct vr_guest_data *data;
static struct vr_features f;

static int set_up(void **state) {
  (void)state;
  unsigned seed = 11;
  data = recording_in_memory(ROWS, 1);
  double *u = recording_source(data, "wait"),
         *v = recording_source(data, "faults_vcpu"),
         *y = recording_truth(data, VR_CONTEXTSWITCH);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = recording_noise(&seed);
    v[i] = recording_noise(&seed);
    y[i] = 5 + 3 * (i > 0 ? u[i - 1] : 0) + v[i] + 0.5 * recording_noise(&seed);
  }
  struct vr_error error;
  const struct vr_guest_data *all[] = {data};
  return vr_features_build(all, 1, VR_VM_PROCESS, false, &f, &error);
}

static int tear_down(void **state) {
  (void)state;
  vr_features_clear(&f);
  recording_free(data);
  return 0;
}

/* Sources stand in the order of the table: wait, faults_vcpu. */
static void test_features(void **state) {
  (void)state;
  assert_int_equal(f.n_sources, 2);
  assert_string_equal(vr_sources[f.sources[0].index].name, "wait");
  assert_string_equal(vr_sources[f.sources[1].index].name, "faults_vcpu");
  assert_int_equal(f.n_counters, 1);
  assert_int_equal(f.skipped, 60);
  assert_int_equal(f.n_folds, 5);
  assert_near(vr_features_rows(&f, 0, ALL), 540, 0);
  assert_near(f.poles[f.static_pole], 0, 0);
  /* exp(-5/60) a second's fifth, in the kernel's 1884/2048. */
  assert_near(f.poles[f.load_pole], pow(1884. / 2048, 0.2), 1e-12);
}

static struct vr_choice both(void) {
  return (struct vr_choice){
      .pole = f.static_pole, .n_inputs = 2, .inputs = {{0, 0, 2}, {1, 0, 1}}};
}

static void test_coefficients(void **state) {
  (void)state;
  const struct vr_choice choice = both();
  struct vr_coefficients b;
  assert_int_equal(vr_regression_estimate(&f, 0, &choice, ALL, &b), 0);
  assert_near(b.constant, 4.999559974178769, 1e-9);
  assert_near(b.theta[0], -0.02596654266716761, 1e-9);
  assert_near(b.theta[1], 3.018952409277362, 1e-9);
  assert_near(b.theta[2], 0.9919129585986659, 1e-9);
}

static void test_without_a_fold(void **state) {
  (void)state;
  const struct vr_choice choice = both();
  struct vr_coefficients b;
  assert_int_equal(vr_regression_estimate(&f, 0, &choice, ALL & ~1, &b), 0);
  assert_near(b.constant, 5.004451161286055, 1e-9);
  assert_near(b.theta[0], -0.03101141841835976, 1e-9);
  assert_near(b.theta[1], 3.0240335997030257, 1e-9);
  assert_near(b.theta[2], 0.9778437226476482, 1e-9);
}

static void test_squared_error(void **state) {
  (void)state;
  const struct vr_choice choice = both();
  const struct vr_regression p = vr_regression_of(&f, 0);
  struct vr_regression_columns columns;
  struct vr_coefficients b;
  vr_regression_columns(&choice, &columns);
  assert_int_equal(columns.n, 3);
  assert_true(vr_regression_solve(&p, choice.pole, ALL, &columns, &b));
  assert_near(vr_regression_error(&p, choice.pole, ALL, &columns, &b),
              11.50861951647839, 1e-7);
}

/* A minute is the least, and of long rows twenty. */
static void test_least_rows(void **state) {
  (void)state;
  assert_int_equal(vr_features_min_rows(1), 60);
  assert_int_equal(vr_features_min_rows(2), 30);
  assert_int_equal(vr_features_min_rows(10), 20);
  assert_int_equal(vr_features_min_rows(60), 20);
  struct vr_guest_data *d = recording_in_memory(19, 1);
  d->grid.step = 10;
  recording_truth(d, VR_CONTEXTSWITCH);
  recording_source(d, "wait");
  struct vr_features g;
  struct vr_error error;
  const struct vr_guest_data *all[] = {d};
  assert_int_equal(vr_features_build(all, 1, VR_VM_PROCESS, false, &g, &error),
                   -ENODATA);
  assert_non_null(strstr(error.message,
                         "16 of 19 rows are known on both sides, with 1 "
                         "counters and 1 inputs; at least 20 rows are needed: "
                         "record 1 more minute"));
  recording_free(d);
}

static void assert_same_sums(const struct vr_features *a,
                             const struct vr_features *b, double tolerance) {
  assert_int_equal(a->dim, b->dim);
  assert_int_equal(a->n_poles, b->n_poles);
  for (unsigned p = 0; p < a->n_poles; p++)
    for (unsigned folds = 1; folds < 1u << VR_FOLDS; folds++)
      for (size_t i = 0; i < a->dim_x; i++)
        for (size_t j = 0; j < a->dim; j++) {
          if (j >= a->dim_x && j != vr_feature_output(a, 0))
            continue;
          double x = vr_feature_inner(a, 0, p, folds, i, j);
          assert_near(vr_feature_inner(b, 0, p, folds, i, j), x, tolerance);
        }
}

/* One walk sums for the whole recording and for its first rows, in parts where
 * the folds of both are the same, and what has fewer sources is cut out: as if
 * each had its own walk. The truth has gaps, and so has a source. */
static void test_one_walk(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(ROWS, 1), before;
  double *u = recording_source(d, "wait"),
         *v = recording_source(d, "block_read"),
         *y = recording_truth(d, VR_CONTEXTSWITCH);
  unsigned seed = 4;
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = i % 97 == 5 ? NAN : recording_noise(&seed);
    v[i] = recording_noise(&seed);
    y[i] = i % 41 == 7 ? NAN : recording_noise(&seed);
  }
  d->grid.step = 10; /* both leave out the first two minutes, then */
  before = *d;
  before.grid.rows = 450;
  struct vr_features all, alone, early, of_its_own;
  struct vr_error error;
  const struct vr_guest_data *now[] = {d}, *then[] = {&before};
  unsigned most = VR_VM_PROCESS | VR_DEVICE;
  assert_int_equal(vr_features_lay_out(now, 1, most, false, NULL, &all, &error),
                   0);
  assert_int_equal(
      vr_features_lay_out(now, 1, VR_VM_PROCESS, false, &all, &alone, &error),
      0);
  assert_int_equal(
      vr_features_lay_out(then, 1, most, false, &all, &early, &error), 0);
  assert_int_equal(all.n_sources, 2);
  assert_int_equal(alone.n_sources, 1);
  assert_int_equal(vr_feature_grams_compute(&all, &early), 0);
  assert_int_equal(vr_feature_grams_cut(&all, &alone), 0);

  assert_int_equal(vr_features_build(now, 1, most, false, &of_its_own, &error),
                   0);
  assert_same_sums(&of_its_own, &all, 1e-10);
  vr_features_clear(&of_its_own);
  assert_int_equal(
      vr_features_build(now, 1, VR_VM_PROCESS, false, &of_its_own, &error), 0);
  assert_same_sums(&of_its_own, &alone, 1e-10);
  vr_features_clear(&of_its_own);
  assert_int_equal(vr_features_build(then, 1, most, false, &of_its_own, &error),
                   0);
  assert_same_sums(&of_its_own, &early, 1e-10);
  vr_features_clear(&of_its_own);

  /* What has other rows is not cut out. */
  early.n_poles = 0;
  assert_int_equal(vr_feature_grams_cut(&all, &early), -ENOENT);
  early.n_poles = all.n_poles;
  vr_features_clear(&early);
  vr_features_clear(&alone);
  vr_features_clear(&all);
  recording_free(d);
}

/* The same column twice says nothing about either. */
static void test_collinear(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(ROWS, 1);
  double *y = recording_truth(d, VR_CONTEXTSWITCH),
         *u = recording_source(d, "wait");
  unsigned seed = 2;
  for (size_t i = 0; i < ROWS; i++) {
    y[i] = recording_noise(&seed);
    u[i] = 3;
  }
  struct vr_features g;
  struct vr_error error;
  const struct vr_guest_data *all[] = {d};
  assert_int_equal(vr_features_build(all, 1, VR_VM_PROCESS, false, &g, &error),
                   0);
  const struct vr_choice choice = {
      .pole = g.static_pole, .n_inputs = 1, .inputs = {{0, 0, 1}}};
  struct vr_coefficients b;
  assert_int_equal(vr_regression_estimate(&g, 0, &choice, ALL, &b), -EDOM);
  vr_features_clear(&g);
  recording_free(d);
}

/* u(t-1) is found, with its delay; v follows, having a reason. */
static void test_choice(void **state) {
  (void)state;
  struct vr_choice choice;
  vr_choose_inputs(&f, 0, ALL, &choice);
  assert_true(choice.n_inputs >= 1);
  assert_int_equal(choice.inputs[0].source, 0);
  assert_int_equal(choice.inputs[0].nk, 1);
  /* What u(t-1) alone reaches by numpy; with v there is more. */
  assert_true(choice.cv_fit > 66.77460374802614 - 1e-6);
}

/* The gain on v leaves less error than that on u without its delay. */
static void test_static_baseline(void **state) {
  (void)state;
  struct vr_choice choice;
  struct vr_coefficients b;
  assert_int_equal(
      vr_static_baseline(&f, 0, VR_EVERY_GROUP, ALL, VR_ACCEL_KVM, &choice, &b),
      0);
  assert_int_equal(choice.inputs[0].source, 1);
  assert_near(b.constant, 4.994788414476156, 1e-9);
  assert_near(b.theta[0], 0.9860716388796993, 1e-9);
  assert_int_equal(
      vr_static_baseline(&f, 0, VR_BALLOON, ALL, VR_ACCEL_KVM, &choice, &b),
      -ENOENT);
}

/* A load does not fall because more runs. */
static void test_load_does_not_fall(void **state) {
  (void)state;
  struct vr_guest_data *d = recording_in_memory(ROWS, 1);
  double *y = recording_truth(d, VR_LOAD), *u = recording_source(d, "wait");
  unsigned seed = 5;
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = recording_noise(&seed);
    y[i] = 10 - u[i];
  }
  struct vr_features g;
  struct vr_error error;
  const struct vr_guest_data *all[] = {d};
  assert_int_equal(vr_features_build(all, 1, VR_VM_PROCESS, false, &g, &error),
                   0);
  const struct vr_choice choice = {
      .pole = g.static_pole, .n_inputs = 1, .inputs = {{0, 0, 1}}};
  struct vr_coefficients b;
  assert_int_equal(vr_regression_estimate(&g, 0, &choice, ALL, &b), -EDOM);
  vr_features_clear(&g);
  recording_free(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_features),
      cmocka_unit_test(test_coefficients),
      cmocka_unit_test(test_without_a_fold),
      cmocka_unit_test(test_squared_error),
      cmocka_unit_test(test_least_rows),
      cmocka_unit_test(test_one_walk),
      cmocka_unit_test(test_collinear),
      cmocka_unit_test(test_choice),
      cmocka_unit_test(test_static_baseline),
      cmocka_unit_test(test_load_does_not_fall),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
