/* SPDX-License-Identifier: MIT
 *
 * Load by law against the kernel's own arithmetic (kernel/sched/loadavg.c,
 * calc_load(): fixed point, every five seconds), which is written down here
 * again and shares nothing with what it checks.
 */
#include "../unit.h"

#include "model/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* --- the kernel's --- */

enum { FIXED_1 = 2048, SECONDS = 2 * 3600 };

static unsigned long calc_load(unsigned long load, unsigned long exp,
                               unsigned long active) {
  unsigned long newload = load * exp + active * (FIXED_1 - exp);
  if (active >= load)
    newload += FIXED_1 - 1;
  return newload / FIXED_1;
}

/* A queue that changes with each minute: long epochs and short ones, from idle
 * to eight tasks. */
static unsigned queue(int second) {
  static const unsigned tasks[] = {1, 1, 1, 1, 1, 0, 0, 3, 3, 2, 8, 0,
                                   0, 0, 0, 0, 1, 2, 1, 2, 5, 5, 5, 5};
  return tasks[(second - 1) / 60 % 24];
}

/* Its three averages at the end of each second, from a load of START on. */
struct kernel {
  double load[SECONDS + 1][3];
};

static const struct kernel *run_kernel(double start) {
  static struct kernel k;
  static const unsigned long exps[] = {1884, 2014, 2037};
  unsigned long load[3];
  for (int a = 0; a < 3; a++)
    load[a] = (unsigned long)(start * FIXED_1);
  for (int t = 0; t <= SECONDS; t++)
    for (int a = 0; a < 3; a++) {
      if (t > 0 && t % 5 == 0)
        load[a] = calc_load(load[a], exps[a], queue(t) * FIXED_1);
      k.load[t][a] = (double)load[a] / FIXED_1;
    }
  return &k;
}

/* What rounding in each of the remembered updates can add up to: a 2048th for
 * each of the 1 / (1 - e) updates that an average remembers. */
static double rounding(int a) {
  static const double updates[] = {2048. / 164, 2048. / 34, 2048. / 11};
  return updates[a] / 2048 + 1e-9;
}

static void assert_within(double x, double low, double high, double by) {
  if (!(x >= low - by && x <= high + by))
    fail_msg("%.6g is not within %.6g and %.6g", x, low, high);
}

/* --- the law, at any steps --- */

/* Each minute is divided so; 0 ends it. */
static const int steps[][8] = {
    {60},
    {10, 10, 10, 10, 10, 10},
    {5, 5, 15, 35},
    {20, 1, 9, 10, 20},
};
enum { DIVISIONS = sizeof(steps) / sizeof(steps[0]) };

typedef void (*check_fn)(const struct vr_load_law *l, const double *kernel,
                         int t);

/* Runs the law over the queue, with ticks of one second where DIVISION is
 * DIVISIONS, and lets CHECK see it where the kernel has just looked. */
static void run_law(int division, double start, check_fn check) {
  const struct kernel *k = run_kernel(start);
  struct vr_load_law l;
  vr_load_law_start(&l);
  for (int t = 0, i = 0; t < SECONDS;) {
    int step = division < DIVISIONS ? steps[division][i++] : 1;
    double n[] = {queue(t + 1), queue(t + 1), queue(t + 1)};
    t += step;
    vr_load_law_known(&l, step, n, 8);
    if (t % 60 == 0)
      i = 0;
    if (t % 5 == 0)
      check(&l, k->load[t], t);
  }
}

/* Seconds until a wrong start is forgotten to a twentieth: 5 ln 0.05 / ln e. */
static const double forgotten[] = {179.5, 894.8, 2781.4};

static void value_is_the_kernels(const struct vr_load_law *l,
                                 const double *kernel, int t) {
  struct vr_load_values v = vr_load_law_values(l);
  for (int a = 0; a < 3; a++) {
    bool settled = t > forgotten[a];
    assert_true(vr_load_law_is_settled(l, (enum vr_load_average)a) == settled);
    assert_true(isnan(v.value[a]) == (a > 0 && !settled));
    if (t > 2 * forgotten[a])
      assert_within(v.value[a], kernel[a], kernel[a], rounding(a) + 0.02);
  }
}

static void follows_the_kernel_at_any_interval(void **state) {
  (void)state;
  for (int d = 0; d <= DIVISIONS; d++)
    run_law(d, 0, value_is_the_kernels);
}

static void bracket_holds_the_kernels(const struct vr_load_law *l,
                                      const double *kernel, int t) {
  (void)t;
  struct vr_load_values v = vr_load_law_values(l);
  for (int a = 0; a < 3; a++) {
    assert_within(kernel[a], v.lower[a], v.upper[a], rounding(a));
    if (!isnan(v.value[a]))
      assert_within(v.value[a], v.lower[a], v.upper[a], 1e-9);
  }
}

/* Whatever the load was, up to as many tasks as vCPUs, when the law began. */
static void brackets_an_unknown_start(void **state) {
  (void)state;
  static const double starts[] = {0, 0.7, 3, 8};
  for (int s = 0; s < 4; s++)
    for (int d = 0; d <= DIVISIONS; d++)
      run_law(d, starts[s], bracket_holds_the_kernels);
}

/* What looking every five seconds may add to an average, in nine cases of ten,
 * of a queue of the variance V: 1.645 sqrt(V (1 - e) / (1 + e)). */
static double margin(double v, int a) {
  static const double e[] = {1884. / 2048, 2014. / 2048, 2037. / 2048};
  return 1.645 * sqrt(v * (1 - e[a]) / (1 + e[a]));
}

/* Two tasks of which each is active half of the time, looked at every five
 * seconds by the kernel: all that its average differs from 1 is chance. The
 * bracket about 1 holds it in nine cases of ten. */
static void brackets_what_chance_makes_of_the_kernels_look(void **state) {
  (void)state;
  const double one[] = {1, 1, 1};
  unsigned long load[3] = {2048, 2048, 2048}, random = 1;
  static const unsigned long exps[] = {1884, 2014, 2037};
  unsigned outside[3] = {0}, n = 0;
  struct vr_load_law l;
  vr_load_law_start(&l);
  for (int t = 5; t < 1000000; t += 5) {
    unsigned active = 0;
    for (int task = 0; task < 2; task++) {
      random = (random * 16807) % 2147483647; /* Park and Miller */
      active += random < 2147483647 / 2;
    }
    for (int a = 0; a < 3; a++)
      load[a] = calc_load(load[a], exps[a], active * FIXED_1);
    vr_load_law_known(&l, 5, one, 2);
    if (t < 10000)
      continue;
    n++;
    struct vr_load_values v = vr_load_law_values(&l);
    for (int a = 0; a < 3; a++)
      outside[a] += (double)load[a] / FIXED_1 < v.lower[a] ||
                    (double)load[a] / FIXED_1 > v.upper[a];
  }
  assert_within(100. * outside[0] / n, 10, 10, 2);
  assert_within(100. * outside[1] / n, 10, 10, 5);
}

/* By hand: one minute's decay d is 2 tasks', then nothing is known for a
 * minute, and one task is active again. */
static void a_gap_is_neither_zero_nor_the_same_again(void **state) {
  (void)state;
  const double two[] = {2, 2, 2}, one[] = {1, 1, 1};
  const double d = pow(1884. / 2048, 12);
  struct vr_load_law l;
  vr_load_law_start(&l);
  for (int i = 0; i < 60; i++)
    vr_load_law_known(&l, 60, two, 4);
  struct vr_load_values v = vr_load_law_values(&l);
  assert_within(v.value[0], 2, 2, 1e-9);
  for (int i = 0; i < 6; i++)
    vr_load_law_unknown(&l, 10, 1);
  v = vr_load_law_values(&l);
  assert_within(v.value[0], 2, 2, 1e-9);
  /* Half of four vCPUs: a variance of 1, which the gap fades, too. */
  double lower = 2 * d - d * margin(1, 0);
  double upper = 2 * d + (1 - d) * 4 + d * margin(1, 0);
  assert_within(v.lower[0], lower, lower, 1e-9);
  assert_within(v.upper[0], upper, upper, 1e-9);
  assert_false(vr_load_law_is_settled(&l, VR_LOAD_1MIN));
  vr_load_law_known(&l, 60, one, 4);
  v = vr_load_law_values(&l);
  double known = d * d + (1 - d);
  double value = (2 * d * d + (1 - d)) / known;
  assert_within(v.value[0], value, value, 1e-9);
}

static void order_of_bounds_is_kept(void **state) {
  (void)state;
  const double n[] = {-1, 2, 1}; /* more polled than run; a delay not split */
  struct vr_load_law l;
  vr_load_law_start(&l);
  for (int i = 0; i < 1000; i++)
    vr_load_law_known(&l, 10, n, NAN);
  struct vr_load_values v = vr_load_law_values(&l);
  assert_within(v.lower[0], 0, 0, 1e-9);
  assert_within(v.value[0], 2, 2, 1e-9);
  assert_within(v.upper[0], 2 + margin(2, 0), 2 + margin(2, 0), 1e-9);
}

static void wide_is_half_a_task_and_a_fifth(void **state) {
  (void)state;
  assert_false(vr_load_law_is_wide(1, 1.2, 1.7));
  assert_true(vr_load_law_is_wide(1, 1.2, 1.75));
  assert_false(vr_load_law_is_wide(0, 0, 0.5));
  assert_false(vr_load_law_is_wide(9, 10, 11.5));
}

/* By hand: 0.1 is left of a weight of 1 after 138 s. */
static void all_vcpus_busy_is_remembered_for_a_while(void **state) {
  (void)state;
  const double busy[] = {1.8, 2, 2}, idle[] = {0.3, 0.3, 0.3};
  struct vr_load_law l;
  vr_load_law_start(&l);
  for (int t = 0; t < 600; t += 10)
    vr_load_law_known(&l, 10, busy, 2);
  for (int t = 10; t <= 300; t += 10) {
    assert_true(vr_load_law_values(&l).saturated == (t <= 140));
    vr_load_law_known(&l, 10, idle, 2);
  }
  for (int t = 0; t < 600; t += 10)
    vr_load_law_known(&l, 10, busy, 3);
  assert_false(vr_load_law_values(&l).saturated);
}

/* --- as a model --- */

/* Run and preempted time count for all three; requests in flight as far as two
 * of them for the value, and all of them for the upper bound. */
static char *run_time[] = {"%{host}/vmrecon-%{guest}/derive-vcpu_run:value"},
            *reads[] = {"%{host}/vmrecon-%{guest}/disk_time-block:read"};
static double all[] = {1, 1, 1}, only_value[] = {0, 1, 0},
              only_upper[] = {0, 0, 1};
static struct vr_arx_input x[] = {
    {3, 0, all}, {3, 0, only_value}, {3, 0, only_upper}};
#define INPUT(name, factor, top)                                               \
  {                                                                            \
    .n_signals = 1, .signals = (name), .scale = (factor),                      \
    .range_min = -INFINITY, .range_max = (top)                                 \
  }
static struct vr_model_input in[] = {INPUT(run_time, 1e-9, INFINITY),
                                     INPUT(reads, 1e-3, 2),
                                     INPUT(reads, 1e-3, INFINITY)};
static char everybody[] = "*";
static const struct vr_model model = {.counter = VR_LOAD,
                                      .provenance = VR_DERIVED,
                                      .guest = everybody,
                                      .structure = VR_LOAD_LAW,
                                      .arx = {.nu = 3, .inputs = x},
                                      .n_inputs = 3,
                                      .inputs = in,
                                      .output = {.min = 0, .max = INFINITY}};
static const struct vr_model without_reads = {
    .counter = VR_LOAD,
    .provenance = VR_DERIVED,
    .guest = everybody,
    .structure = VR_LOAD_LAW,
    .arx = {.nu = 1, .inputs = x},
    .n_inputs = 1,
    .inputs = in,
    .output = {.min = 0, .max = INFINITY}};
static const struct vr_guest_size size = {.vcpus = 2, .gib = NAN};

static struct vr_run *run_new(const struct vr_model *m, double step) {
  struct vr_run *run = vr_run_new(m, 0);
  assert_non_null(run);
  vr_run_set_step(run, step);
  return run;
}

static struct vr_run_value run_for(struct vr_run *run, int ticks, double busy,
                                   double in_flight) {
  const double sums[] = {1e9 * busy, 1000 * in_flight, 1000 * in_flight};
  struct vr_run_value v = {.value = NAN};
  for (int t = 0; t < ticks; t++)
    v = vr_run_step(run, sums, &size);
  return v;
}

/* Half a vCPU busy, five reads in flight: 0.5, 2.5, 5.5. */
static void weights_make_the_three(void **state) {
  (void)state;
  struct vr_error e;
  assert_int_equal(vr_model_check(&model, &e), 0);
  static const double every[] = {1, 10, 60};
  for (int s = 0; s < 3; s++) {
    struct vr_run *run = run_new(&model, every[s]);
    struct vr_run_value v = run_for(run, 10, 0.5, 5);
    assert_within(v.value, 2.5, 2.5, 1e-9);
    v = run_for(run, (int)(7200 / every[s]), 0.5, 5);
    assert_true(v.has_bounds && v.settled && !v.out_of_range);
    assert_within(v.value, 2.5, 2.5, 1e-9);
    assert_within(v.midterm, 2.5, 2.5, 1e-9);
    assert_within(v.longterm, 2.5, 2.5, 1e-9);
    for (int a = 0; a < 3; a++) {
      double lower = fmax(0.5 - margin(0.375, a), 0);
      double upper = 5.5 + margin(5.375, a);
      assert_within(v.load.lower[a], lower, lower, 0.01);
      assert_within(v.load.upper[a], upper, upper, 0.01);
    }
    vr_run_free(run);
  }
}

static void missing_inputs_are_held_then_a_gap(void **state) {
  (void)state;
  struct vr_run *run = run_new(&model, 10);
  run_for(run, 500, 1, 0);
  for (int t = 1; t <= 6; t++) {
    struct vr_run_value v = run_for(run, 1, NAN, 0);
    assert_true(t <= VR_HOLD_TICKS ? fabs(v.value - 1) < 1e-9
                                   : isnan(v.value) && !v.has_bounds);
  }
  /* Four ticks of the gap are 40 s: half a minute's weight. */
  struct vr_run_value v = run_for(run, 1, 1, 0);
  assert_within(v.value, 1, 1, 1e-9);
  double d = pow(1884. / 2048, 2), unknown = (1 - pow(d, 4)) * d;
  double w = (pow(d, 10) + (1 - d * d)) * 0.5; /* half of two vCPUs */
  double lower = 1 - unknown - margin(w, 0), upper = 1 + unknown + margin(w, 0);
  assert_within(v.load.lower[0], lower, lower, 1e-6);
  assert_within(v.load.upper[0], upper, upper, 1e-6);
  vr_run_free(run);
}

/* A QMP socket that answers later, or no more, does not make the filter begin
 * anew. */
static void another_definition_goes_on(void **state) {
  (void)state;
  struct vr_run *run = run_new(&without_reads, 10);
  struct vr_run_value v = run_for(run, 500, 1, 0);
  assert_int_equal(vr_run_change_model(run, &model, 0), 0);
  v = run_for(run, 1, 1, 1);
  double d = pow(1884. / 2048, 2);
  assert_within(v.value, 1 + (1 - d), 1 + (1 - d), 1e-6);
  assert_true(v.settled);
  /* What was known is not 0 from one tick to the next. */
  assert_int_equal(vr_run_change_model(run, &without_reads, 0), 0);
  struct vr_model the_same = without_reads;
  for (int t = 0; t < VR_LAW_PATIENCE / 10; t++) {
    if (t == 5) /* bound anew, for another reason */
      assert_int_equal(vr_run_change_model(run, &the_same, 0), 0);
    assert_true(isnan(run_for(run, 1, 1, 0).value));
  }
  v = run_for(run, 1, 1, 0);
  assert_true(v.value >= 1 && v.value < 1.01);
  assert_false(v.settled);
  /* If it comes back sooner, that was a gap like others. */
  run_for(run, 500, 1, 0);
  assert_int_equal(vr_run_change_model(run, &model, 0), 0);
  run_for(run, 500, 1, 1);
  assert_int_equal(vr_run_change_model(run, &without_reads, 0), 0);
  run_for(run, 2, 1, 0);
  assert_int_equal(vr_run_change_model(run, &model, 0), 0);
  v = run_for(run, 1, 1, 1);
  assert_within(v.value, 2, 2, 1e-6);
  vr_run_free(run);
}

/* What was lost is unknown time, at whatever step it was saved. */
static void survives_a_restart(void **state) {
  (void)state;
  struct vr_run *run = run_new(&model, 1), *after = run_new(&model, 10);
  run_for(run, 7200, 2, 0);
  double numbers[64];
  assert_true(vr_run_state_size(run) <= 64);
  assert_int_equal(vr_run_state_size(run), vr_run_state_size(after));
  vr_run_export(run, numbers);
  assert_true(numbers[0] == 1);
  assert_int_equal(vr_run_import(after, numbers, 3), 0);
  struct vr_run_value v = run_for(after, 1, 2, 0);
  double d = pow(1884. / 2048, 2), unknown = (1 - d * d * d) * d;
  assert_within(v.value, 2, 2, 1e-6);
  assert_within(v.load.lower[0], 2 - 2 * unknown, 2 - 2 * unknown, 1e-3);
  numbers[4] = -1;
  assert_int_equal(vr_run_import(after, numbers, 0), -EINVAL);
  vr_run_free(run);
  vr_run_free(after);
}

static void refuses_what_is_no_law(void **state) {
  (void)state;
  struct vr_error e;
  struct vr_model m = model;
  m.counter = VR_PROCESSES;
  assert_int_equal(vr_model_check(&m, &e), -EINVAL);
  assert_non_null(strstr(e.message, "for the counter load"));
  m = model;
  m.step = 10;
  assert_int_equal(vr_model_check(&m, &e), -EINVAL);
  assert_non_null(strstr(e.message, "step"));
  struct vr_arx_input one[] = {{1, 0, all}, {3, 0, all}, {3, 0, all}};
  m = model;
  m.arx.inputs = one;
  assert_int_equal(vr_model_check(&m, &e), -EINVAL);
  assert_non_null(strstr(e.message, "inputs[0]"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(follows_the_kernel_at_any_interval),
      cmocka_unit_test(brackets_an_unknown_start),
      cmocka_unit_test(brackets_what_chance_makes_of_the_kernels_look),
      cmocka_unit_test(a_gap_is_neither_zero_nor_the_same_again),
      cmocka_unit_test(order_of_bounds_is_kept),
      cmocka_unit_test(all_vcpus_busy_is_remembered_for_a_while),
      cmocka_unit_test(wide_is_half_a_task_and_a_fifth),
      cmocka_unit_test(weights_make_the_three),
      cmocka_unit_test(missing_inputs_are_held_then_a_gap),
      cmocka_unit_test(another_definition_goes_on),
      cmocka_unit_test(survives_a_restart),
      cmocka_unit_test(refuses_what_is_no_law),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
