/* SPDX-License-Identifier: MIT
 *
 * Inputs that are no sums of series: a guest that switches in the time that its
 * vCPU is idle, and whose processes grow with the logarithm of its faults. Its
 * own models find that; pooled ones, and files of older versions, do without.
 */
#include "recording.h"
#include "train/fit/build_features.h"
#include "train/fit/model_run.h"
#include "train/fit/train_guest.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500 };

static const char VM[] = "vmrecon-g";
static double switches[ROWS], run[ROWS], wait[ROWS], faults[ROWS], major[ROWS],
    rate[ROWS], processes[ROWS];

struct trained {
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
  struct vr_guest_result result;
};

/* The guest counts 3 switches for each one of its vCPU over idle time, and 20
 * processes and 10 for each factor e of faults. */
static void write_tree(const struct recording *r) {
  static double on[ROWS], other[ROWS];
  unsigned seed = 3;
  recording_on_off(1, ROWS, on);
  recording_on_off(9, ROWS, other);
  for (size_t i = 0; i < ROWS; i++) {
    double u = 0.05 + 0.7 * on[i] + 0.1 * (0.5 + recording_noise(&seed));
    run[i] = 1e9 * u;
    wait[i] = 1e7 * (1 + recording_noise(&seed));
    switches[i] = 1000 * (1 + other[i] + recording_noise(&seed));
    faults[i] = pow(10, 2 + 2 * other[i] + recording_noise(&seed));
    major[i] = 0;
    rate[i] = 3 * switches[i] / (1 - u - 1e-9 * wait[i]);
    processes[i] = 20 + 10 * log1p(faults[i]);
  }
  recording_put_constant(r, "hv", VM, "gauge-accelerator", VR_ACCEL_TCG);
  recording_put_constant(r, "hv", VM, "count-vcpus", 1);
  recording_put(r, "hv", VM, "derive-vcpu_run", "value", run, NULL);
  recording_put(r, "hv", VM, "derive-vcpu_wait", "value", wait, NULL);
  recording_put(r, "hv", VM, "derive-vcpu_switches_voluntary", "value",
                switches, NULL);
  recording_put(r, "hv", VM, "vmpage_faults-balloon", "minflt,majflt", faults,
                major);
  recording_put(r, "g", "contextswitch", "contextswitch", "value", rate, NULL);
  recording_put(r, "g", "processes", "ps_state-sleeping", "value", processes,
                NULL);
}

static void train(struct trained *t, int format) {
  const struct vr_train_options options = {.orders = {0}, .format = format};
  struct vr_error error = {""};
  recording_new(&t->r, ROWS);
  write_tree(&t->r);
  recording_load(&t->r, "g", &t->archive, &t->data);
  if (vr_fit_guest(&t->data, &options, &t->result, &error) < 0)
    fail_msg("%s", error.message);
}

static void clear(struct trained *t) {
  vr_fit_guest_result_clear(&t->result);
  vr_data_guest_clear(&t->data);
  vr_archive_free(t->archive);
  recording_remove(&t->r);
}

/* With the noise of csv's digits alone nothing is left to explain. */
static void test_found(void **state) {
  (void)state;
  struct trained t;
  train(&t, VR_MODEL_FILE_VERSION);
  const struct vr_model *m =
      &t.result.counters[VR_CONTEXTSWITCH].assisted.model;
  assert_true(t.result.counters[VR_CONTEXTSWITCH].assisted.is_there);
  assert_int_equal(m->inputs[0].n_busy, 2);
  assert_int_equal(m->inputs[0].n_signals, 3);
  assert_near(m->fit.free_run, 100, 2);
  assert_int_equal(vr_model_version(m), VR_MODEL_FILE_VERSION);
  assert_true(t.result.counters[VR_CONTEXTSWITCH].inferred.model.fit.free_run <
              80);
  m = &t.result.counters[VR_PROCESSES].assisted.model;
  assert_true(t.result.counters[VR_PROCESSES].assisted.is_there);
  assert_int_equal(m->inputs[0].transform, VR_LOG1P);
  assert_near(m->fit.free_run, 100, 2);
  assert_near(vr_arx_dc_gain(&m->arx, 0), 10, 0.2);
  clear(&t);
}

static void test_old_format(void **state) {
  (void)state;
  struct trained t;
  train(&t, VR_MODEL_FILE_COMMON);
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_trained *a = &t.result.counters[c].assisted;
    for (size_t i = 0; a->is_there && i < a->model.n_inputs; i++)
      assert_true(a->model.inputs[i].n_busy == 0 &&
                  a->model.inputs[i].transform == VR_PLAIN);
  }
  clear(&t);
}

/* Pools ask for groups of series, in which nothing derived is. */
static void test_not_pooled(void **state) {
  (void)state;
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
  struct vr_features f;
  struct vr_error error;
  recording_new(&r, ROWS);
  write_tree(&r);
  recording_load(&r, "g", &archive, &data);
  const struct vr_guest_data *all[] = {&data};
  size_t derived[2] = {0};
  for (int own = 0; own < 2; own++) {
    assert_int_equal(
        vr_features_build(all, 1,
                          VR_EVERY_GROUP | (own ? VR_FEATURES_OF_ITS_OWN : 0),
                          false, &f, &error),
        0);
    for (size_t s = 0; s < f.n_sources; s++)
      derived[own] += vr_sources[f.sources[s].index].own;
    vr_features_clear(&f);
  }
  assert_int_equal(derived[0], 0);
  assert_int_equal(derived[1], 2); /* major faults never change */
  vr_data_guest_clear(&data);
  vr_archive_free(archive);
  recording_remove(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_found),
      cmocka_unit_test(test_old_format),
      cmocka_unit_test(test_not_pooled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
