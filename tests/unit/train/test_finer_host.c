/* SPDX-License-Identifier: MIT
 *
 * A host that is sampled each second under a guest at ten: what the guest saw
 * is compared with what the host saw in the same ten seconds, whenever these
 * begin, whatever the guest's clock says, and while it drifts. Expected:
 * python3 expected.py, and the curves that the test makes.
 */
#include "recording.h"
#include "train/data/definitions.h"
#include "train/fit/cpu_law.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 3000, STEP = 10, COARSE = ROWS / STEP };

static const char VM[] = "vmrecon-g";
static double bytes[ROWS], zero[ROWS];

struct loaded {
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
};

/* What the host counted from its first second to T seconds later. */
static double counted(double t) {
  double sum = 0;
  size_t whole = (size_t)fmax(0, floor(t));
  for (size_t i = 0; i < whole && i < ROWS; i++)
    sum += bytes[i];
  return whole < ROWS && t > 0 ? sum + (t - floor(t)) * bytes[whole] : sum;
}

static void begin(struct loaded *l) {
  unsigned seed = 17;
  for (size_t i = 0; i < ROWS; i++)
    bytes[i] = 1e6 * (1 + 1.8 * recording_noise(&seed));
  recording_new(&l->r, ROWS);
  recording_put_constant(&l->r, "hv", VM, "gauge-accelerator", VR_ACCEL_TCG);
  recording_put_constant(&l->r, "hv", VM, "count-vcpus", 1);
  recording_put(&l->r, "hv", VM, "disk_octets-block", "read,write", bytes,
                zero);
}

/* The guest reads its counter PHASE later than whole ten seconds, by a clock
 * that is OFFSET behind the host's and loses DRIFT in all. */
static void put_guest(struct loaded *l, double phase, double offset,
                      double drift) {
  static double guest[COARSE], none[COARSE];
  for (size_t i = 0; i < COARSE; i++) {
    double t = STEP * (double)i + phase;
    double late = offset + drift * t / ROWS,
           before = offset + drift * (t - STEP) / ROWS;
    guest[i] = (counted(t + late) - counted(t - STEP + before)) / STEP;
  }
  recording_put_every(&l->r, STEP, phase - 1, "g", "disk-vda", "disk_octets",
                      "read,write", COARSE, guest, none);
  recording_put_every(&l->r, STEP, phase - 1, "g", "load", "load", "shortterm",
                      COARSE, none, NULL);
}

static void load(struct loaded *l) {
  recording_load(&l->r, "g", &l->archive, &l->data);
}

static void end(struct loaded *l) {
  vr_data_guest_clear(&l->data);
  vr_archive_free(l->archive);
  recording_remove(&l->r);
}

/* The greatest difference of what the host counted at the guest's times from
 * what the guest did, in parts of the mean. */
static double worst(const struct vr_guest_data *d) {
  struct vr_model_input in;
  double x[COARSE], most = 0;
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, "block_read") == 0)
      assert_int_equal(vr_sources_input(&vr_sources[s], &in), 0);
  assert_int_equal(vr_data_guest_input(d, &in, x), 0);
  vr_data_input_clear(&in);
  for (size_t i = 3; i + 3 < d->grid.rows; i++)
    most = fmax(most, fabs(x[i] - 1e-6 * d->y[VR_DISK_READ][i]));
  return most;
}

/* Rows end when the guest took its samples. */
static void at_any_phase(void **state) {
  (void)state;
  const double phases[] = {0, 2, 5.5, 8.25};
  for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
    struct loaded l;
    begin(&l);
    put_guest(&l, phases[i], 0, 0);
    load(&l);
    assert_near(l.data.grid.step, STEP, 0);
    assert_near(fmod(l.data.grid.begin, STEP), phases[i], 0.001);
    assert_int_equal(vr_data_guest_parts(&l.data), STEP * l.data.grid.rows);
    assert_int_equal(l.data.clock.pairs, 1);
    assert_near(l.data.clock.seconds, 0, 0.01);
    assert_true(worst(&l.data) < 0.005);
    end(&l);
  }
}

/* Found to hundredths of the host's second, not of the guest's ten. */
static void by_any_clock(void **state) {
  (void)state;
  const double offsets[] = {0.3, -1.6, 14.25};
  for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
    struct loaded l;
    begin(&l);
    put_guest(&l, 5, offsets[i], 0);
    load(&l);
    assert_near(l.data.clock.seconds, -offsets[i], 0.02);
    assert_near(l.data.clock.of_devices, -offsets[i], 0.02);
    assert_true(worst(&l.data) < 0.01);
    end(&l);
  }
}

/* Ten minutes have an offset of their own. */
static void while_it_drifts(void **state) {
  (void)state;
  struct loaded l;
  begin(&l);
  put_guest(&l, 2, -0.5, 1.4);
  load(&l);
  assert_near(l.data.clock.seconds, -0.2, 0.2);
  assert_int_equal(l.data.clock.n_drift, 5);
  /* -0.5 + 1.4 (i + 1/2) / 5 in the middle of each fifth, less the mean. */
  for (size_t i = 0; i < 5; i++)
    assert_near(l.data.clock.seconds + l.data.clock.drift[i],
                0.5 - 1.4 * ((double)i + 0.5) / 5, 0.06);
  double with = worst(&l.data);
  l.data.clock.n_drift = 0;
  assert_true(with < 0.05);
  assert_true(worst(&l.data) > 2 * with);
  end(&l);
}

/* A clock that stands still is not made to drift by what is chance. */
static void no_drift_without_need(void **state) {
  (void)state;
  struct loaded l;
  begin(&l);
  put_guest(&l, 2, 0.4, 0);
  load(&l);
  for (size_t i = 0; i < l.data.clock.n_drift; i++)
    assert_near(l.data.clock.drift[i], 0, 0.02);
  end(&l);
}

/* A law that is no line is computed each second: its mean is not what it says
 * of means. */
static void a_law_is_computed_at_the_hosts_step(void **state) {
  (void)state;
  static double run[ROWS], wait[ROWS], on[ROWS], cpu[COARSE], ret[COARSE];
  const struct vr_train_options options = {.format = VR_MODEL_FILE_VERSION};
  struct loaded l;
  unsigned seed = 3;
  begin(&l);
  recording_on_off(1, ROWS, on);
  memset(cpu, 0, sizeof(cpu));
  for (size_t i = 0; i < ROWS; i++) {
    double u = 0.05 + 0.4 * on[i] + 0.1 * (0.5 + recording_noise(&seed));
    double w = i % 3 ? 0.5 * (0.5 + recording_noise(&seed)) : 0;
    run[i] = 1e9 * u;
    wait[i] = 1e9 * w;
    cpu[i / STEP] += fmin(100 * (u + 0.22 * w) / (1 - 0.78 * w), 100) / STEP;
  }
  recording_put(&l.r, "hv", VM, "derive-vcpu_run", "value", run, NULL);
  recording_put(&l.r, "hv", VM, "derive-vcpu_wait", "value", wait, NULL);
  recording_put_every(&l.r, STEP, 9, "g", "cpu", "percent-active", "value",
                      COARSE, cpu, NULL);
  put_guest(&l, 0, 0, 0);
  load(&l);
  l.data.clock.seconds = l.data.clock.of_devices = 0; /* for exact numbers */
  l.data.clock.n_drift = 0;
  assert_int_equal(vr_cpu_law_predict(&l.data, VR_CPU, NULL, 0, &options, ret),
                   0);
  const struct {
    size_t row;
    double percent;
  } expected[] = {{10, 34.65543842750935},
                  {100, 68.97277479040098},
                  {200, 62.48853962942186}};
  size_t first = (size_t)((l.data.grid.begin - RECORDING_BEGIN - 9) / STEP);
  for (size_t i = 0; i < 3; i++)
    assert_near(ret[expected[i].row - first], expected[i].percent, 0.02);
  end(&l);
}

/* What the host wrote every ten seconds only, for a while, counts there. */
static void a_host_that_was_coarser_for_a_while(void **state) {
  (void)state;
  struct loaded l;
  static double x[ROWS], none[ROWS];
  char path[256];
  begin(&l);
  for (size_t i = 0; i < ROWS; i++)
    x[i] = i < 1000 ? 3 : 5;
  recording_put(&l.r, "hv", VM, "memory-balloon_caches", "value", x, NULL);
  snprintf(path, sizeof(path), "%s/hv/%s/memory-balloon_caches-2023-11-14",
           l.r.root, VM);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("epoch,value\n", f);
  for (int i = 0; i < ROWS; i++)
    if (i >= 1000 || (i + 1) % STEP == 0)
      fprintf(f, "%.3f,%.9f\n", RECORDING_BEGIN + i, x[i]);
  assert_int_equal(fclose(f), 0);
  put_guest(&l, 0, 0, 0);
  load(&l);
  const struct vr_model_input in = {
      .n_signals = 1,
      .signals = (char *[]){"%{host}/vmrecon-%{guest}/"
                            "memory-balloon_caches:value"},
      .scale = 1};
  assert_int_equal(vr_data_guest_input(&l.data, &in, none), 0);
  for (size_t i = 3; i + 3 < l.data.grid.rows; i++)
    if (i < 95 || i > 105)
      assert_near(none[i], i < 95 ? 3 : 5, 1e-9);
  end(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_any_phase),
      cmocka_unit_test(by_any_clock),
      cmocka_unit_test(while_it_drifts),
      cmocka_unit_test(no_drift_without_need),
      cmocka_unit_test(a_law_is_computed_at_the_hosts_step),
      cmocka_unit_test(a_host_that_was_coarser_for_a_while),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
