/* SPDX-License-Identifier: MIT
 *
 * What is known without a model, by the shipped definitions: memory, swap, load
 * of a guest's own, its state, and where its CPU time goes. What is expected is
 * worked out by hand.
 */
#include "stream.h"

#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_SAYS(series) "h/vmrecon-g/" series
#define KERNEL_SAYS(series) "h/vmrecon_truth-g/" series

static struct vr_live *start_shipped(void) {
  static const char *const files[] = {
      VR_SOURCE_DIR "/contrib/models/generic.json",
      VR_SOURCE_DIR "/contrib/models/laws.json"};
  struct vr_error e;
  struct vr_model_set *sets = calloc(2, sizeof(*sets));
  struct vr_live *r = start_with(vr_live_defaults(), "");
  for (int i = 0; i < 2; i++)
    if (vr_model_file_read(files[i], &sets[i], &e) < 0)
      fail_msg("%s", e.message);
  assert_int_equal(vr_live_set_models(r, sets, 2), 0);
  return r;
}

static void level(struct vr_live *r, const char *name, double t, double value) {
  feed(r, name, t, 10, VR_GAUGE, value);
}

static void count(struct vr_live *r, const char *name, double t, double rate) {
  feed(r, name, t, 10, VR_DERIVE, 1e6 + rate * t);
}

/* Readings that lie four seconds after each tick's begin. A mean over the tick
 * would be between the numbers of two words. */
static void a_word_is_never_averaged(void **state) {
  (void)state;
  struct vr_live *r = start_shipped();
  for (double t = 4; t < 100; t += 10)
    level(r, HOST_SAYS("gauge-state:value"), t, t < 50 ? 1 : t < 70 ? 4 : 2);
  vr_live_free(r);
  for (double t = 30; t <= 80; t += 10)
    assert_near(value_at(t, VR_STATE), t <= 50 ? 1 : t <= 70 ? 4 : 2);
  assert_int_equal(answer_at(50, VR_STATE)->counters[VR_STATE].provenance,
                   VR_DIRECT);
}

static void the_balloon_reports_memory_and_swap(void **state) {
  (void)state;
  struct vr_live *r = start_shipped();
  for (double t = 0; t < 100; t += 10) {
    level(r, HOST_SAYS("memory-balloon_free:value"), t, 3e8);
    level(r, HOST_SAYS("memory-balloon_available:value"), t, 5e8);
    count(r, HOST_SAYS("derive-balloon_swap_in:value"), t, 8192);
    count(r, HOST_SAYS("derive-balloon_swap_out:value"), t, 40960);
  }
  vr_live_free(r);
  assert_near(value_at(80, VR_MEMORY_FREE), 3e8);
  assert_near(value_at(80, VR_MEMORY_AVAILABLE), 5e8);
  assert_near(value_at(80, VR_SWAP_IN), 2);
  assert_near(value_at(80, VR_SWAP_OUT), 10);
  assert_int_equal(answer_at(80, VR_SWAP_IN)->counters[VR_SWAP_IN].provenance,
                   VR_COOPERATIVE);
  assert_null(answer_at(80, VR_MEMORY_USED));
}

/* One guest with two processors: of 200 ticks a second the states have these.
 */
static const struct {
  const char *series;
  double ticks;
} states[] = {
    {KERNEL_SAYS("cpu-user:value"), 60},
    {KERNEL_SAYS("cpu-nice:value"), 2},
    {KERNEL_SAYS("cpu-system:value"), 30},
    {KERNEL_SAYS("cpu-idle:value"), 80},
    {KERNEL_SAYS("cpu-wait:value"), 20},
    {KERNEL_SAYS("cpu-steal:value"), 0},
    {KERNEL_SAYS("cpu-interrupt:value"), 1},
    {KERNEL_SAYS("cpu-softirq:value"), 7},
};

static void feed_kernel(struct vr_live *r, double t, bool gate) {
  for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
    count(r, states[i].series, t, states[i].ticks);
  feed(r, KERNEL_SAYS("load:shortterm"), t, 10, VR_GAUGE, 3);
  feed(r, KERNEL_SAYS("load:midterm"), t, 10, VR_GAUGE, 2);
  feed(r, KERNEL_SAYS("load:longterm"), t, 10, VR_GAUGE, 1);
  level(r, KERNEL_SAYS("memory-free:value"), t, 1e8);
  level(r, KERNEL_SAYS("memory-used:value"), t, 2e8);
  level(r, KERNEL_SAYS("uptime:value"), t, 1000 + t);
  level(r, KERNEL_SAYS("ps_state-running:value"), t, 4);
  count(r, KERNEL_SAYS("fork_rate:value"), t, 12);
  level(r, HOST_SAYS("memory-balloon_free:value"), t, 3e8);
  if (gate)
    level(r, KERNEL_SAYS("gauge-publish:value"), t, 1);
}

static void what_the_kernel_shows(void **state) {
  (void)state;
  struct vr_live *r = start_shipped();
  for (double t = 0; t < 100; t += 10)
    feed_kernel(r, t, true);
  vr_live_free(r);
  assert_near(value_at(80, VR_USER), 30);
  assert_near(value_at(80, VR_NICE), 1);
  assert_near(value_at(80, VR_SYSTEM), 15);
  assert_near(value_at(80, VR_WAIT), 10);
  assert_near(value_at(80, VR_INTERRUPT), 0.5);
  assert_near(value_at(80, VR_SOFTIRQ), 3.5);
  assert_near(value_at(80, VR_LOAD), 3);
  assert_near(value_at(80, VR_LOAD_MIDTERM), 2);
  assert_near(value_at(80, VR_LOAD_LONGTERM), 1);
  assert_near(value_at(80, VR_MEMORY_USED), 2e8);
  /* It knows better than the balloon's report of a moment ago. */
  assert_near(value_at(80, VR_MEMORY_FREE), 1e8);
  assert_near(value_at(80, VR_UPTIME), 1080);
  assert_near(value_at(80, VR_RUNNING), 5);
  assert_near(value_at(80, VR_FORKS), 12);
}

/* Introspect truth: nothing of it is published. */
static void nothing_without_the_gate(void **state) {
  (void)state;
  struct vr_live *r = start_shipped();
  for (double t = 0; t < 100; t += 10)
    feed_kernel(r, t, false);
  vr_live_free(r);
  assert_null(answer_at(80, VR_USER));
  assert_null(answer_at(80, VR_LOAD_MIDTERM));
  assert_null(answer_at(80, VR_UPTIME));
  assert_near(value_at(80, VR_MEMORY_FREE), 3e8);
}

/* Values of single devices are passed on where the guest is answered for, and
 * the answers say that they are, until they have ended. */
static void devices_are_passed_on_with_the_guest(void **state) {
  (void)state;
  bool named = false;
  struct vr_live *r = start_shipped();
  assert_false(vr_live_passes(r, "h", "g", 1, at(0), 10 * VR_SECOND, &named));
  for (double t = 0; t < 100; t += 10) {
    level(r, HOST_SAYS("gauge-state:value"), t, 1);
    if (t < 40)
      assert_true(
          vr_live_passes(r, "h", "g", 1, at(t), 10 * VR_SECOND, &named));
    if (t < 20)
      assert_true(
          vr_live_passes(r, "h", "g", 4, at(t), 10 * VR_SECOND, &named));
  }
  assert_true(named);
  assert_false(vr_live_passes(r, "h", "other", 1, at(90), VR_SECOND, &named));
  vr_live_standby(r, "h", "g", at(90), 10 * VR_SECOND);
  assert_false(vr_live_passes(r, "h", "g", 1, at(100), 10 * VR_SECOND, &named));
  vr_live_free(r);
  assert_int_equal(answer_at(30, VR_STATE)->details, 5);
  assert_int_equal(answer_at(80, VR_STATE)->details, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_word_is_never_averaged),
      cmocka_unit_test(the_balloon_reports_memory_and_swap),
      cmocka_unit_test(what_the_kernel_shows),
      cmocka_unit_test(nothing_without_the_gate),
      cmocka_unit_test(devices_are_passed_on_with_the_guest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
