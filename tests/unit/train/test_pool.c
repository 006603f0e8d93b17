/* SPDX-License-Identifier: MIT
 *
 * Three guests pooled, each left out once. Context switches follow the same law
 * on all of them: 100 + 3 u. Processes follow 50 + u on two and 50 - u on the
 * third: what is learned there must not be published for a guest that nobody
 * has seen. Expected: python3 expected.py.
 */
#include "model/publishable.h"
#include "recording.h"
#include "train/fit/pool.h"
#include "train/report/pool_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 400, GUESTS = 3 };

static struct recording r;
static struct vr_archive *archives[GUESTS];
static struct vr_guest_data data[GUESTS];
static struct vr_pool pool;

static const struct vr_guest_data *const all[] = {&data[0], &data[1], &data[2]};
static const struct vr_train_options options = {
    .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};

static void write_guest(int g) {
  static double on[ROWS], u[ROWS], y[ROWS], z[ROWS], block[ROWS], zero[ROWS];
  const char guest[] = {(char)('a' + g), 0};
  char vm[16];
  unsigned seed = 21 + (unsigned)g;
  snprintf(vm, sizeof(vm), "vmrecon-%s", guest);
  recording_on_off(5 + (unsigned)g, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 10 * (1 + g) * (1 + on[i]) + recording_noise(&seed);
    y[i] = 100 + 3 * u[i] + 4 * recording_noise(&seed);
    z[i] = 50 + (g == 2 ? -1 : 1) * u[i] + recording_noise(&seed);
    block[i] = 1e6 * (1 + on[i]);
  }
  recording_put_constant(&r, "hv", vm, "gauge-accelerator", VR_ACCEL_KVM);
  recording_put_constant(&r, "hv", vm, "count-vcpus", 1);
  recording_put(&r, "hv", vm, "derive-vcpu_switches_voluntary", "value", u,
                NULL);
  recording_put(&r, "hv", vm, "disk_octets-block", "read,write", block, zero);
  recording_put(&r, guest, "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, guest, "processes", "ps_state-sleeping", "value", z, NULL);
  recording_put(&r, guest, "disk-vda", "disk_octets", "read,write", block,
                zero);
}

static int set_up(void **state) {
  (void)state;
  struct vr_error error;
  recording_new(&r, ROWS);
  for (int g = 0; g < GUESTS; g++)
    write_guest(g);
  recording_load_all(&r, GUESTS, archives, data);
  return vr_pool_train(all, GUESTS, &options, &pool, &error);
}

static int tear_down(void **state) {
  (void)state;
  vr_pool_clear(&pool);
  recording_end_all(&r, GUESTS, archives, data);
  return 0;
}

/* The only source: no model can be clearly better than a static gain on it, so
 * that the gain takes its place, with the fit of numpy's regression on the
 * other two guests, and is published. */
static void test_common_law(void **state) {
  (void)state;
  const struct vr_pool_counter *k = &pool.counters[VR_CONTEXTSWITCH];
  const struct vr_model *m = &k->inferred.model;
  assert_near(k->inferred.row.fit, 96.30554519516468, 1e-4);
  assert_near(k->inferred.row.mean_fit, -84.70983102827536, 1e-4);
  assert_true(isnan(k->inferred.row.gain_fit));
  assert_true(k->inferred.is_there);
  assert_true(m->generic);
  assert_string_equal(m->guest, "*");
  assert_int_equal(m->n_inputs, 1);
  assert_int_equal(m->arx.na, 0);
  assert_false(m->baseline.has_gain);
  assert_near(m->arx.inputs[0].b[0] * m->inputs[0].scale, 2.9976201462527676,
              1e-3);
  assert_near(m->output.offset - m->arx.inputs[0].b[0] * m->inputs[0].offset,
              100.0387103103065, 1e-3);
  assert_true(vr_model_publishable(m, 5));
  for (int g = 0; g < GUESTS; g++)
    assert_true(k->inferred.row.by_guest.of[g] > 80);
}

static void test_other_law(void **state) {
  (void)state;
  const struct vr_pool_counter *k = &pool.counters[VR_PROCESSES];
  assert_near(k->inferred.row.gain_fit, -472.6746387117542, 1e-3);
  assert_near(k->inferred.row.mean_fit, -347.1220047975406, 1e-3);
  assert_true(k->inferred.row.fit < 0);
  assert_false(vr_model_publishable(&k->inferred.model, -1e6));
}

/* What the host measures is the same on every guest. */
static void test_definition(void **state) {
  (void)state;
  const struct vr_pool_row *row = &pool.counters[VR_DISK_READ].definition;
  assert_true(row->known);
  assert_int_equal(row->provenance, VR_DIRECT);
  assert_near(row->fit, 100, 1e-6);
  assert_false(pool.counters[VR_CONTEXTSWITCH].definition.known);
}

/* Two guests cannot give 90 % of a third by whole guests; their blocks of 60 s
 * do, seven of each: the quantile with one more block at infinity is 0.9 x 15 /
 * 14 = 0.964. The noise is uniform in -2 .. 2, so no width is below 0.964 x 4,
 * and what was learned on one guest alone errs more. */
static void test_intervals(void **state) {
  (void)state;
  const struct vr_pool_interval *i =
      &pool.counters[VR_CONTEXTSWITCH].inferred.row.interval;
  assert_true(i->is_there);
  assert_true(i->coverage.coverage >= 0.964 - 0.01);
  assert_true(i->coverage.mean_width >= 0.964 * 4 - 0.1);
  assert_true(isfinite(i->coverage.mean_width));
  assert_true(i->coverage.lower <= i->coverage.coverage &&
              i->coverage.coverage <= i->coverage.upper);
}

static void test_report(void **state) {
  (void)state;
  json_t *o = vr_report_pool_json(&pool, 5);
  assert_non_null(o);
  assert_int_equal(json_array_size(json_object_get(o, "left_out")), 3);
  json_t *rows = json_object_get(o, "counters");
  size_t i;
  json_t *row;
  int published = 0;
  json_array_foreach(rows, i, row) {
    bool direct = strcmp(json_string_value(json_object_get(row, "provenance")),
                         "direct") == 0;
    published += json_is_true(json_object_get(row, "published"));
    if (direct)
      assert_true(json_is_true(json_object_get(row, "published")));
  }
  /* Context switches, and of the two disk definitions the one that is not
   * constant. */
  assert_int_equal(published, 2);
  json_decref(o);
}

static void test_refused(void **state) {
  (void)state;
  struct vr_pool none;
  struct vr_error error = {""};
  assert_int_equal(vr_pool_train(all, 1, &options, &none, &error), -ENODATA);
  assert_non_null(strstr(error.message, "2 guests at least"));
  data[1].accelerator = VR_ACCEL_TCG;
  assert_int_equal(vr_pool_train(all, 3, &options, &none, &error), -EINVAL);
  assert_non_null(
      strstr(error.message, "differ in step, kind of host or accelerator"));
  data[1].accelerator = VR_ACCEL_KVM;
  assert_int_equal(vr_pool_steps(3), 19);
  assert_int_equal(vr_pool_steps(2), 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_common_law), cmocka_unit_test(test_other_law),
      cmocka_unit_test(test_definition), cmocka_unit_test(test_intervals),
      cmocka_unit_test(test_report),     cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
