/* SPDX-License-Identifier: MIT
 *
 * When the static gain takes the place of a model that is not worth publishing.
 */
#include "recording.h"
#include "train/fit/build_features.h"
#include "train/fit/fall_back.h"
#include "train/fit/infer.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 600 };

static struct recording r;
static struct vr_archive *archive;
static struct vr_guest_data data;
static struct vr_features f;
static size_t c; /* of contextswitch in f */

/* y = 50 + 2 u and noise. */
static int set_up(void **state) {
  (void)state;
  static double on[ROWS], u[ROWS], y[ROWS];
  unsigned seed = 8;
  recording_new(&r, ROWS);
  recording_on_off(3, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 100 * on[i] + 20 * recording_noise(&seed);
    y[i] = 50 + 2 * u[i] + 10 * recording_noise(&seed);
  }
  recording_put_constant(&r, "hv", "vmrecon-g", "count-vcpus", 1);
  recording_put(&r, "hv", "vmrecon-g", "derive-vcpu_switches_voluntary",
                "value", u, NULL);
  recording_put(&r, "g", "contextswitch", "contextswitch", "value", y, NULL);
  recording_load(&r, "g", &archive, &data);
  struct vr_error error;
  const struct vr_guest_data *all[] = {&data};
  int e = vr_features_build(all, 1, VR_VM_PROCESS, false, &f, &error);
  for (c = 0; e == 0 && f.counters[c] != VR_CONTEXTSWITCH;)
    c++;
  return e;
}

static int tear_down(void **state) {
  (void)state;
  vr_features_clear(&f);
  vr_data_guest_clear(&data);
  vr_archive_free(archive);
  recording_remove(&r);
  return 0;
}

/* A withheld dynamic model beside a gain whose held-out predictions are off by
 * 1 in GOOD of the five folds, and by 120 in the others; the mean is off by
 * 100. */
static void make(unsigned good, double gain_fit, double mean_fit,
                 struct vr_held_out *h, struct vr_trained *t) {
  const double *y = data.y[VR_CONTEXTSWITCH];
  assert_int_equal(vr_held_out_new(f.rows, h), 0);
  for (size_t i = 0; i < f.rows; i++) {
    h->gain[i] = y[i] + (f.fold[i] < good ? 1 : 120);
    h->mean[i] = y[i] + 100;
    h->model[i] = y[i] + 200;
  }
  struct vr_choice choice = {
      .pole = f.load_pole, .n_inputs = 1, .inputs = {{0, 0, 1}}};
  const struct vr_given_orders orders = {
      .given = true, .na = 1, .nb = {1}, .nk = {0}, .n_nb = 1, .n_nk = 1};
  *t = (struct vr_trained){.is_there = true};
  assert_int_equal(vr_infer_ordered(&f, c, &choice, &orders, 31, &t->model), 0);
  assert_int_equal(vr_infer_baseline(&f, c, 1, &t->model.baseline), 0);
  assert_true(t->model.baseline.has_gain);
  t->model.withheld = true;
  t->model.fit.free_run = 1;
  t->model.baseline.gain_fit = gain_fit;
  t->model.baseline.mean_fit = mean_fit;
}

static const struct vr_train_options chosen = {
    .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};

/* Is the gain taken? */
static bool takes(unsigned good, double gain_fit, double mean_fit,
                  bool withheld, bool orders_given) {
  struct vr_held_out h;
  struct vr_trained t;
  struct vr_train_options options = chosen;
  options.orders.given = orders_given;
  make(good, gain_fit, mean_fit, &h, &t);
  t.model.withheld = withheld;
  assert_int_equal(vr_fall_back_to_gain(&f, c, &options, &h, &t), 0);
  bool taken = t.model.arx.na == 0;
  vr_trained_clear(&t);
  vr_held_out_clear(&h);
  return taken;
}

static void test_when(void **state) {
  (void)state;
  assert_true(takes(5, 90, 10, true, false));
  assert_true(takes(3, 90, 10, true, false));
  /* In most blocks, five points over the mean and over 0, withheld, chosen. */
  assert_false(takes(2, 90, 10, true, false));
  assert_true(takes(5, 15.1, 10, true, false));
  assert_false(takes(5, 14.9, 10, true, false));
  assert_true(takes(5, 5.1, -70, true, false));
  assert_false(takes(5, 4.9, -70, true, false));
  assert_false(takes(5, 90, 10, false, false));
  assert_false(takes(5, 90, 10, true, true));
}

/* What is taken is the gain on the series, with its own numbers. */
static void test_what(void **state) {
  (void)state;
  struct vr_held_out h;
  struct vr_trained t;
  make(5, 90, 10, &h, &t);
  assert_int_equal(vr_fall_back_to_gain(&f, c, &chosen, &h, &t), 0);
  const struct vr_model *m = &t.model;
  assert_int_equal(m->structure, VR_FIR);
  assert_int_equal(m->n_inputs, 1);
  assert_string_equal(t.inputs, "switches_voluntary");
  assert_near(vr_arx_dc_gain(&m->arx, 0) * m->inputs[0].scale, 2, 0.02);
  /* Off by 1 everywhere. */
  double sum = 0, squares = 0, n = 0;
  for (size_t i = 0; i < f.rows; i++)
    if (f.used[i]) {
      double y = data.y[VR_CONTEXTSWITCH][i];
      sum += y;
      squares += y * y;
      n++;
    }
  double sd = sqrt(squares / n - sum * sum / n / n);
  assert_near(m->fit.free_run, 100 * (1 - 1 / sd), 1e-6);
  assert_near(m->fit.one_step, m->fit.free_run, 1e-9);
  /* Only the mean is left to be compared with. */
  assert_false(m->baseline.has_gain);
  assert_near(m->baseline.mean_fit, 10, 0);
  assert_false(m->withheld);
  assert_non_null(t.one_step);
  vr_trained_clear(&t);
  vr_held_out_clear(&h);
}

/* A chosen model that is the gain already has the mean alone to beat. */
static void test_is_the_gain(void **state) {
  (void)state;
  struct vr_held_out h;
  struct vr_trained t = {.is_there = true};
  struct vr_trained unused;
  make(5, 90, 10, &h, &unused);
  struct vr_choice choice;
  assert_int_equal(vr_infer_gain(&f, c, 31, &choice, &t.model), 0);
  vr_model_clear(&unused.model);
  assert_int_equal(vr_infer_baseline(&f, c, 1, &t.model.baseline), 0);
  memcpy(h.model, h.gain, f.rows * sizeof(double));
  t.model.withheld = true;
  t.model.fit.free_run = t.model.baseline.gain_fit = 90;
  t.model.baseline.mean_fit = 10;
  assert_int_equal(vr_fall_back_to_gain(&f, c, &chosen, &h, &t), 0);
  assert_false(t.model.baseline.has_gain);
  assert_false(t.model.withheld);
  vr_trained_clear(&t);
  vr_held_out_clear(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_when),
      cmocka_unit_test(test_what),
      cmocka_unit_test(test_is_the_gain),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
