/* SPDX-License-Identifier: MIT
 *
 * When a model that was learned elsewhere, or physics, takes the place of one
 * that was estimated here.
 */
#include "recording.h"
#include "sysid/arx_build.h"
#include "train/fit/build_features.h"
#include "train/fit/infer.h"
#include "train/fit/prefer_known.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 500 };

static struct recording r;
static struct vr_archive *archive;
static struct vr_guest_data data;
static struct vr_features f;

/* Context switches are exactly 50 + 2 u; the load is the kernel's filter over
 * the busy vCPUs, L(t) = d L(t-1) + (1 - d) n, d = (1884/2048)^(1/5). */
static int set_up(void **state) {
  (void)state;
  static double on[ROWS], u[ROWS], y[ROWS], run[ROWS], wait[ROWS], load[ROWS];
  unsigned seed = 8;
  const double d = pow(1884. / 2048, 0.2);
  recording_new(&r, ROWS);
  recording_on_off(3, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 100 * on[i] + 20 * recording_noise(&seed);
    y[i] = 50 + 2 * u[i];
    run[i] = 1e9 * (0.3 + 0.6 * on[i]);
    wait[i] = 1e8 * (0.5 + recording_noise(&seed));
    load[i] =
        d * (i > 0 ? load[i - 1] : 0.5) + (1 - d) * (run[i] + wait[i]) / 1e9;
  }
  recording_put_constant(&r, "hv", "vmrecon-g", "count-vcpus", 1);
  recording_put_constant(&r, "hv", "vmrecon-g", "gauge-accelerator",
                         VR_ACCEL_KVM);
  recording_put(&r, "hv", "vmrecon-g", "derive-vcpu_switches_voluntary",
                "value", u, NULL);
  recording_put(&r, "hv", "vmrecon-g", "derive-vcpu_run", "value", run, NULL);
  recording_put(&r, "hv", "vmrecon-g", "derive-vcpu_wait", "value", wait, NULL);
  recording_put(&r, "g", "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, "g", "load", "load", "shortterm", load, NULL);
  recording_load(&r, "g", &archive, &data);
  struct vr_error error;
  const struct vr_guest_data *all[] = {&data};
  return vr_features_build(all, 1, VR_VM_PROCESS, false, &f, &error);
}

static int tear_down(void **state) {
  (void)state;
  vr_features_clear(&f);
  vr_data_guest_clear(&data);
  vr_archive_free(archive);
  recording_remove(&r);
  return 0;
}

static size_t at(enum vr_counter counter) {
  for (size_t c = 0; c < f.n_counters; c++)
    if (f.counters[c] == counter)
      return c;
  fail();
  return 0;
}

/* A generic model y = OFFSET + GAIN u. */
static struct vr_model law(double offset, double gain,
                           enum vr_accelerator accelerator) {
  struct vr_model m = {
      .counter = VR_CONTEXTSWITCH,
      .provenance = VR_INFERRED,
      .guest = strdup("*"),
      .generic = true,
      .accelerator = accelerator,
      .structure = VR_FIR,
      .step = 1,
      .n_inputs = 1,
      .inputs = calloc(2, sizeof(*m.inputs)),
      .output = {.per = VR_PER_VCPU, .offset = offset, .max = INFINITY},
      .fit = {.free_run = NAN, .one_step = NAN}};
  const unsigned one[] = {1}, zero[] = {0};
  const struct vr_orders o = {0, 1, one, zero};
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, "switches_voluntary") == 0)
      assert_int_equal(vr_sources_input(&vr_sources[s], &m.inputs[0]), 0);
  m.inputs[0].range_min = -INFINITY;
  m.inputs[0].range_max = INFINITY;
  gain /= m.inputs[0].scale;
  assert_int_equal(vr_sysid_arx_from_parameters(&o, &gain, &m.arx), 0);
  return m;
}

/* What was estimated here: a model of COUNTER that runs with FIT. */
static void estimate(enum vr_counter counter, double fit,
                     struct vr_trained *ret) {
  struct vr_choice choice;
  *ret = (struct vr_trained){.is_there = true, .inputs = "mine"};
  const struct vr_given_orders none = {.nb = {1}, .n_nb = 1, .n_nk = 1};
  assert_int_equal(vr_infer(&f, at(counter), &none, 31, &choice, &ret->model),
                   0);
  ret->model.fit.free_run = fit;
  ret->model.baseline =
      (struct vr_model_baseline){.mean = 1, .mean_fit = 3, .gain_fit = NAN};
}

static void prefer(enum vr_counter counter, const struct vr_model *models,
                   size_t n, bool given, struct vr_trained *t) {
  const struct vr_model_set known = {.n_models = n,
                                     .models = (struct vr_model *)models};
  const struct vr_train_options options = {.orders.given = given,
                                           .known = &known};
  struct vr_held_out h;
  assert_int_equal(vr_held_out_new(f.rows, &h), 0);
  for (size_t i = 0; i < f.rows; i++)
    h.mean[i] = 1;
  assert_int_equal(vr_prefer_known(&f, at(counter), &options, &h, t), 0);
  vr_held_out_clear(&h);
}

/* The exact law is taken, with the fit that it has here and the baselines of
 * this guest. */
static void test_taken(void **state) {
  (void)state;
  struct vr_model m = law(50, 2, VR_ACCEL_KVM);
  struct vr_trained t;
  estimate(VR_CONTEXTSWITCH, 98.9, &t);
  prefer(VR_CONTEXTSWITCH, &m, 1, false, &t);
  assert_near(t.model.fit.free_run, 100, 1e-4);
  assert_string_equal(t.model.guest, "g");
  assert_string_equal(t.inputs, "the shipped generic model, validated here");
  assert_near(t.model.baseline.mean_fit, 3, 0);
  assert_near(t.model.arx.inputs[0].b[0] * t.model.inputs[0].scale, 2, 1e-9);
  assert_false(t.model.withheld);
  vr_trained_clear(&t);
  vr_model_clear(&m);
}

/* One point of fit is what it must bring. */
static void test_not_taken(void **state) {
  (void)state;
  struct vr_model m = law(50, 2, VR_ACCEL_KVM);
  struct vr_trained t;
  estimate(VR_CONTEXTSWITCH, 99.1, &t);
  prefer(VR_CONTEXTSWITCH, &m, 1, false, &t);
  assert_string_equal(t.inputs, "mine");
  vr_trained_clear(&t);
  /* Nor where orders are given, nor of another accelerator or step. */
  estimate(VR_CONTEXTSWITCH, 10, &t);
  prefer(VR_CONTEXTSWITCH, &m, 1, true, &t);
  m.step = 10;
  prefer(VR_CONTEXTSWITCH, &m, 1, false, &t);
  m.step = 1;
  m.accelerator = VR_ACCEL_TCG;
  prefer(VR_CONTEXTSWITCH, &m, 1, false, &t);
  assert_string_equal(t.inputs, "mine");
  vr_trained_clear(&t);
  vr_model_clear(&m);
}

/* The best of several, by what they do here. */
static void test_best(void **state) {
  (void)state;
  struct vr_model m[] = {law(50, 1, VR_ACCEL_KVM), law(50, 2, VR_ACCEL_KVM),
                         law(0, 2, VR_ACCEL_KVM)};
  struct vr_trained t;
  estimate(VR_CONTEXTSWITCH, 10, &t);
  prefer(VR_CONTEXTSWITCH, m, 3, false, &t);
  assert_near(t.model.output.offset, 50, 0);
  assert_near(t.model.fit.free_run, 100, 1e-4);
  vr_trained_clear(&t);
  for (size_t i = 0; i < 3; i++)
    vr_model_clear(&m[i]);
}

/* The kernel's filter needs no model from elsewhere. */
static void test_physics(void **state) {
  (void)state;
  struct vr_trained t;
  estimate(VR_LOAD, 50, &t);
  prefer(VR_LOAD, NULL, 0, false, &t);
  assert_near(t.model.fit.free_run, 100, 0.1);
  assert_int_equal(t.model.structure, VR_LOAD_FILTER);
  assert_string_equal(
      t.inputs, "the kernel's load filter over busy vCPUs, nothing estimated");
  assert_near(vr_arx_dc_gain(&t.model.arx, 0), 1, 1e-9);
  assert_near(-t.model.arx.a[1], pow(1884. / 2048, 0.2), 1e-12);
  vr_trained_clear(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_taken),
      cmocka_unit_test(test_not_taken),
      cmocka_unit_test(test_best),
      cmocka_unit_test(test_physics),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
