/* SPDX-License-Identifier: MIT
 *
 * One guest trained from an archive in which every counter has a known law:
 * what has a relation is found and published, what has none is not.
 */
#include "model/publishable.h"
#include "recording.h"
#include "train/fit/train_guest.h"
#include "train/report/verdict.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500, ROTATED = 611 };

static struct recording r;
static struct vr_archive *archive;
static struct vr_guest_data data;
static struct vr_guest_result result;

static const char VM[] = "vmrecon-g";

/* The processes are on and off like the switches, but at other times. */
static void write_tree(void) {
  static double on[ROWS], u[ROWS], y[ROWS], other[ROWS], noise[ROWS], run[ROWS],
      preempted[ROWS], cpu[ROWS], block[ROWS], zero[ROWS];
  unsigned seed = 7;
  recording_on_off(1, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 500 + 500 * on[i] + 100 * recording_noise(&seed);
    y[i] = 300 + 2 * u[i] + 50 * recording_noise(&seed);
    other[i] = 80 + 10 * on[(i + ROTATED) % ROWS];
    noise[i] = 100 + 20 * recording_noise(&seed);
    run[i] = 1e9 * (0.4 + 0.3 * on[(i + 200) % ROWS]);
    preempted[i] = 1e8 * (1 + recording_noise(&seed));
    cpu[i] = 100 * (run[i] + preempted[i]) / 1e9 / 2;
    block[i] = 1e6 * (1 + recording_noise(&seed));
  }
  recording_put_constant(&r, "hv", VM, "gauge-accelerator", VR_ACCEL_TCG);
  recording_put_constant(&r, "hv", VM, "count-vcpus", 2);
  recording_put(&r, "hv", VM, "derive-vcpu_switches_voluntary", "value", u,
                NULL);
  recording_put(&r, "hv", VM, "derive-vcpu_run", "value", run, NULL);
  recording_put(&r, "hv", VM, "derive-vcpu_wait_preempted", "value", preempted,
                NULL);
  recording_put(&r, "hv", VM, "disk_octets-block", "read,write", block, zero);
  recording_put(&r, "g", "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, "g", "processes", "ps_state-sleeping", "value", other,
                NULL);
  recording_put(&r, "g", "vmem", "vmpage_faults", "minflt,majflt", noise, zero);
  recording_put(&r, "g", "cpu", "percent-active", "value", cpu, NULL);
  recording_put(&r, "g", "disk-vda", "disk_octets", "read,write", block, zero);
}

static int set_up(void **state) {
  (void)state;
  const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};
  struct vr_error error;
  recording_new(&r, ROWS);
  write_tree();
  recording_load(&r, "g", &archive, &data);
  return vr_fit_guest(&data, &options, &result, &error);
}

static int tear_down(void **state) {
  (void)state;
  vr_fit_guest_result_clear(&result);
  vr_data_guest_clear(&data);
  vr_archive_free(archive);
  recording_remove(&r);
  return 0;
}

/* y = 300 + 2 u + noise. The noise has the standard deviation 50 / sqrt(12) =
 * 14.4, u has sqrt(250^2 + 100^2 / 12) = 251.7: fit = 100 (1 - 14.4 /
 * sqrt(503.3^2
 * + 14.4^2)) = 97.1, and the standard error of the gain is 14.4 / (251.7
 * sqrt(1350)) = 0.0016. The ridge takes a thousandth off it. */
static void test_gain_is_found(void **state) {
  (void)state;
  const struct vr_trained *t = &result.counters[VR_CONTEXTSWITCH].inferred;
  const struct vr_model *m = &t->model;
  assert_true(t->is_there);
  assert_int_equal(m->n_inputs, 1);
  assert_string_equal(m->inputs[0].signals[0],
                      "%{host}/vmrecon-%{guest}/"
                      "derive-vcpu_switches_voluntary:value");
  assert_near(m->inputs[0].scale * vr_arx_dc_gain(&m->arx, 0), 2, 0.01);
  assert_int_equal(m->output.per, VR_PER_VCPU);
  assert_near(m->fit.free_run, 97.1, 0.4);
  assert_near(m->fit.one_step, m->fit.free_run, 0.5);
  assert_true(vr_model_publishable(m, 5));
  assert_string_equal(vr_report_verdict(m, 5), "published");
  /* At u = 1000 the counter is 2300, so per vCPU 1150. */
  assert_near(m->output.offset +
                  vr_arx_dc_gain(&m->arx, 0) *
                      (1000 * m->inputs[0].scale / 2 - m->inputs[0].offset),
              1150, 3);
}

/* The best model is the static gain itself: only the mean is left to beat. */
static void test_gain_is_no_baseline_of_itself(void **state) {
  (void)state;
  const struct vr_model *m = &result.counters[VR_CONTEXTSWITCH].inferred.model;
  assert_false(m->baseline.has_gain);
  assert_true(m->baseline.mean_fit < 1);
  /* 300 + 2 (500 + 500 on), on half of the time. */
  assert_near(m->baseline.mean, 1800, 60);
}

/* A rotation keeps everything about a series but what it has to do with the
 * others. */
static void test_rotated_is_not_published(void **state) {
  (void)state;
  const struct vr_counter_result *k = &result.counters[VR_PROCESSES];
  assert_true(k->has_truth);
  assert_false(vr_model_publishable(&k->inferred.model, 5));
  assert_true(k->inferred.model.withheld || k->inferred.model.n_inputs == 0);
}

static void test_noise_is_not_published(void **state) {
  (void)state;
  const struct vr_model *m = &result.counters[VR_PAGE_FAULTS].inferred.model;
  assert_true(m->fit.free_run < 3);
  assert_false(vr_model_publishable(m, 0));
}

/* What was not recorded of the guest has no result. */
static void test_no_truth(void **state) {
  (void)state;
  assert_false(result.counters[VR_LOAD].has_truth);
  assert_false(result.counters[VR_LOAD].inferred.is_there);
  assert_false(result.counters[VR_BUFFERS].has_truth);
}

/* What the host measures itself is the counter: no error, gain 100 over the
 * vCPUs under TCG, where preempted vCPUs count as busy. */
static void test_definitions(void **state) {
  (void)state;
  const struct vr_trained *disk = &result.counters[VR_DISK_READ].definition;
  const struct vr_trained *cpu = &result.counters[VR_CPU].definition;
  assert_true(disk->is_there && cpu->is_there);
  assert_int_equal(disk->model.provenance, VR_DIRECT);
  assert_near(disk->model.fit.free_run, 100, 1e-6);
  assert_near(cpu->model.fit.free_run, 100, 1e-6);
  assert_near(cpu->model.arx.inputs[0].b[0], 100, 0);
  assert_near(cpu->model.inputs[0].scale, 1e-9, 0);
  assert_true(vr_model_publishable(&cpu->model, 5));
}

/* A constant counter: nothing explains it, and nothing is made up. */
static void test_constant(void **state) {
  (void)state;
  const struct vr_trained *t = &result.counters[VR_DISK_WRITE].inferred;
  assert_true(isnan(t->model.fit.free_run) || t->model.n_inputs == 0);
  assert_false(vr_model_publishable(&t->model, -1e6));
}

/* Intervals at the level 0.9, in the unit of the output. The noise per vCPU is
 * uniform in -12.5 .. 12.5. Blocks are 60 s long, 23 of the 1380 rows used: the
 * quantile with one more block at infinity is 0.9 x 24 / 23 = 0.939, which is
 * 11.74. Each fold is covered with widths from the other four, about 18 blocks:
 * 0.9 x 19 / 18 = 0.95. */
static void test_half_width(void **state) {
  (void)state;
  const struct vr_model *m = &result.counters[VR_CONTEXTSWITCH].inferred.model;
  assert_near(m->intervals.level, 0.9, 0);
  assert_int_equal(m->intervals.n_regimes, 1);
  assert_near(m->intervals.half_width[0], 11.74, 0.15);
  assert_near(m->intervals.coverage, 0.95, 0.015);
}

/* Minutes too few for any model are an error with a text. */
static void test_too_little(void **state) {
  (void)state;
  struct recording small;
  struct vr_archive *a;
  struct vr_guest_data d;
  struct vr_guest_result none;
  struct vr_error error = {""};
  const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};
  double x[50];
  unsigned seed = 3;
  recording_new(&small, 50);
  for (size_t i = 0; i < 50; i++)
    x[i] = recording_noise(&seed);
  recording_put(&small, "hv", VM, "derive-vcpu_run", "value", x, NULL);
  recording_put(&small, "g", "contextswitch", "contextswitch", "value", x,
                NULL);
  recording_load(&small, "g", &a, &d);
  assert_true(vr_fit_guest(&d, &options, &none, &error) < 0);
  assert_non_null(strstr(error.message, "at least 60 rows are needed"));
  vr_data_guest_clear(&d);
  vr_archive_free(a);
  recording_remove(&small);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gain_is_found),
      cmocka_unit_test(test_gain_is_no_baseline_of_itself),
      cmocka_unit_test(test_rotated_is_not_published),
      cmocka_unit_test(test_noise_is_not_published),
      cmocka_unit_test(test_no_truth),
      cmocka_unit_test(test_definitions),
      cmocka_unit_test(test_constant),
      cmocka_unit_test(test_half_width),
      cmocka_unit_test(test_too_little),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
