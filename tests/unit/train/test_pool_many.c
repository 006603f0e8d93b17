/* SPDX-License-Identifier: MIT
 *
 * Twenty guests pooled, a fifth of them left out at a time. Context switches
 * follow one law, 100 + 3 u and noise; processes follow 50 + u on three guests
 * of four and 50 - u on the fourth.
 */
#include "basic/cleanup.h"
#include "model/publishable.h"
#include "recording.h"
#include "train/fit/pool.h"

#include <stdlib.h>

enum { ROWS = 400, GUESTS = 20 };

static struct recording r;
static struct vr_archive *archives[GUESTS];
static struct vr_guest_data data[GUESTS];
static struct vr_pool pool;

static void write_guest(int g) {
  static double on[ROWS], u[ROWS], y[ROWS], z[ROWS];
  const char guest[] = {(char)('a' + g), 0};
  char vm[16];
  unsigned seed = 121 + (unsigned)g;
  snprintf(vm, sizeof(vm), "vmrecon-%s", guest);
  recording_on_off(50 + (unsigned)g, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 20 * (1 + on[i]) + recording_noise(&seed);
    y[i] = 100 + 3 * u[i] + 40 * recording_noise(&seed);
    z[i] = 50 + (g % 4 == 3 ? -1 : 1) * u[i] + recording_noise(&seed);
  }
  recording_put_constant(&r, "hv", vm, "gauge-accelerator", VR_ACCEL_KVM);
  recording_put_constant(&r, "hv", vm, "count-vcpus", 1);
  recording_put(&r, "hv", vm, "derive-vcpu_switches_voluntary", "value", u,
                NULL);
  recording_put(&r, guest, "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, guest, "processes", "ps_state-sleeping", "value", z, NULL);
}

static int set_up(void **state) {
  (void)state;
  const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};
  const struct vr_guest_data *all[GUESTS];
  struct vr_error error;
  recording_new(&r, ROWS);
  for (int g = 0; g < GUESTS; g++)
    write_guest(g);
  recording_load_all(&r, GUESTS, archives, data);
  for (int g = 0; g < GUESTS; g++)
    all[g] = &data[g];
  return vr_pool_train(all, GUESTS, &options, &pool, &error);
}

static int tear_down(void **state) {
  (void)state;
  vr_pool_clear(&pool);
  recording_end_all(&r, GUESTS, archives, data);
  return 0;
}

/* The spread of y is 3 x 10 and that of its noise 40 / sqrt(12) = 11.5: with
 * both, 100 (1 - 11.5 / 32.2) = 64.1 where on is half of the time. */
static void test_common_law(void **state) {
  (void)state;
  const struct vr_pool_model *k = &pool.counters[VR_CONTEXTSWITCH].inferred;
  assert_int_equal(pool.n_guests, GUESTS);
  assert_near(k->row.fit, 64.1, 1);
  assert_true(vr_model_publishable(&k->model, 5));
  assert_near(k->model.arx.inputs[0].b[0] * k->model.inputs[0].scale, 3, 0.03);
}

/* Sixteen guests and one more at infinity: the quantile is 0.9 x 17 / 16 =
 * 0.956, and of uniform noise in -20 .. 20 that is 0.956 x 40 = 38.3 wide. */
static void test_intervals(void **state) {
  (void)state;
  const struct vr_pool_interval *i =
      &pool.counters[VR_CONTEXTSWITCH].inferred.row.interval;
  assert_true(i->is_there);
  assert_near(i->coverage.coverage, 0.956, 0.02);
  assert_near(i->coverage.mean_width, 38.3, 1);
  assert_true(i->coverage.lower < i->coverage.coverage);
  assert_true(i->coverage.upper > i->coverage.coverage);
  for (int g = 0; g < GUESTS; g++)
    assert_near(i->by_guest[g], 0.956, 0.04);
}

/* What holds on three of four is not published for the next one. */
static void test_other_law(void **state) {
  (void)state;
  const struct vr_pool_model *k = &pool.counters[VR_PROCESSES].inferred;
  assert_true(k->is_there);
  assert_false(vr_model_publishable(&k->model, -1e6));
  for (int g = 3; g < GUESTS; g += 4)
    assert_true(k->row.by_guest.of[g] < 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_common_law),
      cmocka_unit_test(test_intervals),
      cmocka_unit_test(test_other_law),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
