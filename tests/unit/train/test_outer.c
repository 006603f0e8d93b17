/* SPDX-License-Identifier: MIT
 *
 * The last quarter of a recording decides: a law that holds all the time is
 * published, one that no longer holds there is not. Context switches are
 * 100 + 3 u + 2 v throughout; processes are 50 + u + v for seven tenths of the
 * time, and 50 - u - v then.
 */
#include "model/publishable.h"
#include "recording.h"
#include "train/fit/memories.h"
#include "train/fit/outer.h"
#include "train/fit/train_guest.h"

#include <string.h>

enum { ROWS = 2000, CHANGE = 1400 };

static struct recording r;
static struct vr_archive *archive;
static struct vr_guest_data data;
static struct vr_guest_result result;

static int set_up(void **state) {
  (void)state;
  static double on[ROWS], of[ROWS], u[ROWS], v[ROWS], y[ROWS], z[ROWS];
  static const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};
  struct vr_error error;
  unsigned seed = 77;
  recording_new(&r, ROWS);
  recording_on_off(5, ROWS, on);
  recording_on_off(6, ROWS, of);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 10 * (1 + on[i]) + recording_noise(&seed);
    v[i] = 10 * (1 + of[i]) + recording_noise(&seed);
    y[i] = 100 + 3 * u[i] + 2 * v[i] + 4 * recording_noise(&seed);
    z[i] = 50 + (i < CHANGE ? 1 : -1) * (u[i] + v[i]) + recording_noise(&seed);
  }
  recording_put_constant(&r, "hv", "vmrecon-a", "gauge-accelerator",
                         VR_ACCEL_KVM);
  recording_put_constant(&r, "hv", "vmrecon-a", "count-vcpus", 1);
  recording_put(&r, "hv", "vmrecon-a", "derive-vcpu_switches_voluntary",
                "value", u, NULL);
  recording_put(&r, "hv", "vmrecon-a", "derive-vcpu_timeslices", "value", v,
                NULL);
  recording_put(&r, "a", "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, "a", "processes", "ps_state-sleeping", "value", z, NULL);
  recording_load(&r, "a", &archive, &data);
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

static void test_what_holds(void **state) {
  (void)state;
  const struct vr_trained *t = &result.counters[VR_CONTEXTSWITCH].inferred;
  assert_true(vr_model_publishable(&t->model, 5));
  assert_int_equal(t->model.n_inputs, 2);
}

static void test_what_no_longer_holds(void **state) {
  (void)state;
  const struct vr_trained *t = &result.counters[VR_PROCESSES].inferred;
  assert_true(t->is_there);
  assert_false(vr_model_publishable(&t->model, 5));
}

/* The view ends where the outer part begins, and has the same rows before. */
static void test_view(void **state) {
  (void)state;
  struct vr_guest_data before = vr_outer_before(&data);
  assert_int_equal(data.grid.rows, ROWS);
  assert_int_equal(before.grid.rows, 1500);
  assert_ptr_equal(before.y[VR_PROCESSES], data.y[VR_PROCESSES]);
}

/* One and the same model: with its own training it is confirmed where it holds,
 * and without any it is withheld. */
static void test_confirm(void **state) {
  (void)state;
  struct vr_trained t = result.counters[VR_CONTEXTSWITCH].inferred;
  const struct vr_trained other = result.counters[VR_PROCESSES].inferred;
  assert_int_equal(vr_outer_confirm(&data, &t, &t), 0);
  assert_false(t.model.withheld);
  assert_int_equal(vr_outer_confirm(&data, NULL, &t), 0);
  assert_true(t.model.withheld);
  /* What is withheld stays so. */
  assert_int_equal(
      vr_outer_confirm(&data, &result.counters[VR_CONTEXTSWITCH].inferred, &t),
      0);
  assert_true(t.model.withheld);
  /* A law of the first seven tenths is worse than the mean in the rest. */
  struct vr_trained trusted = other;
  trusted.model.withheld = false;
  struct vr_guest_data before = vr_outer_before(&data);
  before.grid.rows = CHANGE;
  struct vr_guest_result early = {0};
  struct vr_error error;
  static const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}};
  assert_int_equal(vr_fit_guest(&before, &options, &early, &error), 0);
  const struct vr_trained *first = &early.counters[VR_PROCESSES].inferred;
  assert_true(vr_model_publishable(&first->model, 5));
  assert_int_equal(vr_outer_confirm(&data, first, &trusted), 0);
  assert_true(trusted.model.withheld);
  vr_fit_guest_result_clear(&early);
}

/* Twenty minutes of load and two hundred seconds of others, and at least twenty
 * rows, of which those count that are known. */
static void test_memories(void **state) {
  (void)state;
  static double y[1300];
  assert_false(vr_memories_are_enough(y, 1199, 1, VR_LOAD));
  assert_true(vr_memories_are_enough(y, 1200, 1, VR_LOAD));
  assert_true(vr_memories_are_enough(y, 20, 60, VR_LOAD));
  assert_true(vr_memories_are_enough(y, 200, 1, VR_PROCESSES));
  assert_false(vr_memories_are_enough(y, 19, 30, VR_PROCESSES));
  y[7] = NAN;
  assert_false(vr_memories_are_enough(y, 1200, 1, VR_LOAD));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_holds),
      cmocka_unit_test(test_what_no_longer_holds),
      cmocka_unit_test(test_view),
      cmocka_unit_test(test_confirm),
      cmocka_unit_test(test_memories),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
