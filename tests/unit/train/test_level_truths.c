/* SPDX-License-Identifier: MIT
 *
 * Levels that are sampled: beside the samples there is what they would be on
 * average, where something was sampled more finely; and models are judged by
 * both.
 */
#include "recording.h"
#include "train/data/find_pairs.h"
#include "train/data/guest_load.h"
#include "train/fit/levels.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS = 1200, STEP = 10, ROWS = SECONDS / STEP };

static const char VM[] = "vmrecon-g";
static double fine[SECONDS], queue[SECONDS], none[SECONDS], own[ROWS],
    load[ROWS];

struct loaded {
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
};

static void begin(struct loaded *l) {
  unsigned seed = 5;
  for (size_t i = 0; i < SECONDS; i++) {
    fine[i] = 100 + 40 * recording_noise(&seed);
    queue[i] = 3;
  }
  for (size_t i = 0; i < ROWS; i++) {
    own[i] = 90 + 40 * recording_noise(&seed);
    load[i] = 1;
  }
  recording_new(&l->r, SECONDS);
  recording_put_constant(&l->r, "hv", VM, "gauge-accelerator", VR_ACCEL_TCG);
  recording_put_constant(&l->r, "hv", VM, "count-vcpus", 1);
  recording_put(&l->r, "hv", VM, "derive-vcpu_run", "value", fine, NULL);
}

/* The guest's own collectd, which samples each tenth second of the fine ones.
 */
static void put_own(struct loaded *l, const char *type, const double *x) {
  recording_put_every(&l->r, STEP, STEP - 1, "g", "processes", type, "value",
                      ROWS, x, NULL);
}

static void put_introspected(struct loaded *l) {
  recording_put(&l->r, "hv", "vmrecon_truth-g", "count-processes", "value",
                fine, NULL);
  recording_put(&l->r, "hv", "vmrecon_truth-g", "ps_state-running", "value",
                queue, NULL);
  recording_put(&l->r, "hv", "vmrecon_truth-g", "ps_state-blocked", "value",
                none, NULL);
}

static void read_at(struct loaded *l, double step) {
  struct vr_error error = {""};
  struct vr_pairs pairs;
  const struct vr_span span = {NAN, NAN, step, 0};
  assert_int_equal(vr_archive_open(l->r.root, &l->archive, &error), 0);
  assert_int_equal(vr_pairs_find(l->archive, NULL, 0, &pairs, &error), 0);
  assert_int_equal(pairs.n, 1);
  if (vr_data_guest_load(l->archive, &pairs.pairs[0], &span, &l->data, &error) <
      0)
    fail_msg("%s", error.message);
  vr_pairs_clear(&pairs);
}

static void end(struct loaded *l) {
  vr_data_guest_clear(&l->data);
  vr_archive_free(l->archive);
  recording_remove(&l->r);
}

/* The tenth of the fine samples that row I of D ends with. */
static size_t last_of(const struct vr_guest_data *d, size_t i) {
  return (size_t)lround(d->grid.begin + STEP * (double)i - RECORDING_BEGIN);
}

static double mean_of(const struct vr_guest_data *d, size_t i) {
  double sum = 0;
  for (size_t k = 0; k < STEP; k++)
    sum += fine[last_of(d, i) - k];
  return sum / STEP;
}

/* What the kernel's queue says each second, where the guest says its load each
 * tenth: by 1884 / 2048 in five seconds from 1 to 3. */
static void test_introspected(void **state) {
  (void)state;
  struct loaded l;
  begin(&l);
  put_own(&l, "ps_state-running", own);
  recording_put_every(&l.r, STEP, STEP - 1, "g", "load", "load", "shortterm",
                      ROWS, load, NULL);
  put_introspected(&l);
  read_at(&l, NAN);
  const struct vr_guest_data *d = &l.data;
  assert_near(d->grid.step, STEP, 0);
  assert_non_null(d->expected[VR_PROCESSES]);
  assert_non_null(d->expected[VR_LOAD]);
  for (size_t i = 2; i + 2 < d->grid.rows; i++) {
    double seconds = STEP * (double)(i + 1);
    assert_near(d->expected[VR_PROCESSES][i], mean_of(d, i), 1e-6);
    assert_near(d->snapshot[VR_PROCESSES][i], d->y[VR_PROCESSES][i], 0);
    assert_near(d->expected[VR_LOAD][i], 3 - 2 * pow(1884. / 2048, seconds / 5),
                1e-9);
    assert_near(d->snapshot[VR_LOAD][i], 1, 1e-9);
  }
  end(&l);
}

/* The guest's own collectd sampled each second, and rows have ten. Its load is
 * judged once: what it sees running is not the run queue. */
static void test_own(void **state) {
  (void)state;
  struct loaded l;
  begin(&l);
  recording_put(&l.r, "g", "processes", "ps_state-running", "value", fine,
                NULL);
  recording_put(&l.r, "g", "load", "load", "shortterm", queue, NULL);
  read_at(&l, STEP);
  const struct vr_guest_data *d = &l.data;
  assert_non_null(d->expected[VR_PROCESSES]);
  assert_null(d->expected[VR_LOAD]);
  for (size_t i = 1; i + 2 < d->grid.rows; i++) {
    assert_near(d->expected[VR_PROCESSES][i], mean_of(d, i), 1e-6);
    assert_near(d->snapshot[VR_PROCESSES][i], fine[last_of(d, i)], 1e-6);
  }
  end(&l);
}

static void test_nothing_finer(void **state) {
  (void)state;
  struct loaded l;
  begin(&l);
  put_own(&l, "ps_state-running", own);
  read_at(&l, NAN);
  assert_non_null(l.data.y[VR_PROCESSES]);
  assert_null(l.data.expected[VR_PROCESSES]);
  assert_null(l.data.snapshot[VR_PROCESSES]);
  end(&l);
}

/* Of samples 2 above and below it by turns, a model that knows the level to 1
 * explains nothing, but of the level itself nearly all: with the standard
 * deviation 10 sqrt(2) of the level, 100 (1 - 1 / 14.14) = 92.9. */
static void test_judged_twice(void **state) {
  (void)state;
  enum { N = 8 };
  struct vr_guest_data *d = recording_in_memory(N, 1);
  double predicted[N], mean[N];
  d->y[VR_PROCESSES] = calloc(N, sizeof(double));
  d->snapshot[VR_PROCESSES] = calloc(N, sizeof(double));
  d->expected[VR_PROCESSES] = calloc(N, sizeof(double));
  for (int i = 0; i < N; i++) {
    const double level[] = {-20, 0, 0, 20};
    d->expected[VR_PROCESSES][i] = 100 + level[i % 4];
    d->snapshot[VR_PROCESSES][i] = 100 + level[i % 4] + (i % 2 ? -30 : 30);
    predicted[i] = d->expected[VR_PROCESSES][i] + (i < N / 2 ? 1 : -1);
    mean[i] = 100;
  }
  struct vr_trained t = {.is_there = true, .model.counter = VR_PROCESSES};
  vr_levels_judge(d, NULL, predicted, mean, NULL, VR_MODEL_FILE_COMMON, &t);
  assert_false(t.model.fit.judged_twice);
  vr_levels_judge(d, NULL, predicted, mean, NULL, VR_MODEL_FILE_VERSION, &t);
  assert_true(t.model.fit.judged_twice);
  assert_near(t.model.fit.expected, 100 * (1 - 1 / sqrt(200)), 1e-9);
  assert_true(t.model.fit.snapshot < 40);
  assert_near(t.mean_expected, 0, 1e-9);
  assert_true(isnan(t.gain_expected));
  t.model.counter = VR_LOAD;
  t.model.fit.judged_twice = false;
  vr_levels_judge(d, NULL, predicted, mean, NULL, VR_MODEL_FILE_VERSION, &t);
  assert_false(t.model.fit.judged_twice);
  recording_free(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_introspected),
      cmocka_unit_test(test_own),
      cmocka_unit_test(test_nothing_finer),
      cmocka_unit_test(test_judged_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
