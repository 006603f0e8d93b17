/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "model/run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct vr_guest_size two_vcpus = {.vcpus = 2, .gib = NAN};

/* y(t) = 0.5 y(t-1) + u(t), u = clamp(3 sum / vcpus, 0..6) - 1,
 * counter = clamp((y + 10) , ..100) */
static double a[] = {1, -0.5}, b[] = {1};
static char *signals[] = {"%{host}/vmrecon-%{guest}/memory-rss:value"};
static struct vr_arx_input arx_input = {.nb = 1, .nk = 0, .b = b};
static struct vr_model_input input = {.n_signals = 1,
                                      .signals = signals,
                                      .scale = 3,
                                      .per = VR_PER_VCPU,
                                      .offset = 1,
                                      .range_min = 0,
                                      .range_max = 6};
static struct vr_model model = {
    .counter = VR_PROCESSES,
    .provenance = VR_INFERRED,
    .structure = VR_ARX,
    .step = 1,
    .arx = {.na = 1, .a = a, .nu = 1, .inputs = &arx_input},
    .n_inputs = 1,
    .inputs = &input,
    .output = {.offset = 10, .min = -INFINITY, .max = 100},
};

/* u = 3*2/2 - 1 = 2, at rest y = 2/(1-0.5) = 4, so 14; then the input doubles:
 * u = 5, y = 7, 8.5, 9.25; then beyond the range: u = 6 - 1 = 5 again. */
static void follows_the_equation_by_hand(void **state) {
  (void)state;
  const double sums[] = {2, 2, 4, 4, 400};
  const double expected[] = {14, 14, 17, 18.5, 19.25};
  double values[5];
  assert_int_equal(vr_model_simulate(&model, sums, 5, &two_vcpus, values), 0);
  for (int t = 0; t < 5; t++)
    assert_true(values[t] == expected[t]);
}

static void holds_two_ticks_then_says_nothing_then_rests(void **state) {
  (void)state;
  const double sums[] = {NAN, 2, 4, NAN, NAN, NAN, NAN, 4, 4};
  const double expected[] = {NAN, 14, 17, 18.5, 19.25, NAN, NAN, 20, 20};
  double values[9];
  assert_int_equal(vr_model_simulate(&model, sums, 9, &two_vcpus, values), 0);
  for (int t = 0; t < 9; t++)
    assert_true(isnan(expected[t]) ? isnan(values[t])
                                   : values[t] == expected[t]);
}

static void says_nothing_without_the_guests_size(void **state) {
  (void)state;
  const struct vr_guest_size unknown = {NAN, NAN}, none = {0, 0};
  assert_true(isnan(vr_model_input_value(&input, 2, &unknown)));
  assert_true(isnan(vr_model_input_value(&input, 2, &none)));
  assert_true(isnan(vr_model_input_value(&input, INFINITY, &two_vcpus)));
  assert_true(isnan(vr_model_input_value(&input, NAN, &two_vcpus)));
}

/* Column by column it is the same as tick by tick, bit by bit: two inputs with
 * delays, two past outputs, gaps of all lengths in either. */
static void runs_by_columns_as_by_ticks(void **state) {
  (void)state;
  enum { N = 400 };
  double of_a[] = {1, -0.9, 0.2}, b0[] = {1, 0.25, -0.5}, b1[] = {0.3, 0.7};
  struct vr_arx_input two_arx[] = {{.nb = 3, .nk = 1, .b = b0},
                                   {.nb = 2, .nk = 0, .b = b1}};
  struct vr_model_input two[] = {input, input};
  two[1].per = VR_PER_ONE;
  two[1].range_max = INFINITY;
  struct vr_model m = model;
  m.arx = (struct vr_arx){.na = 2, .a = of_a, .nu = 2, .inputs = two_arx};
  m.n_inputs = 2;
  m.inputs = two;
  double sums[2 * N], values[N];
  unsigned seed = 3;
  for (int i = 0; i < 2 * N; i++) {
    seed = seed * 1664525 + 1013904223;
    sums[i] = seed >> 28 < 4 ? NAN : (double)(seed >> 20) / 1000;
  }
  assert_int_equal(vr_model_simulate(&m, sums, N, &two_vcpus, values), 0);
  struct vr_run *run = vr_run_new(&m, 0);
  int known = 0;
  for (int t = 0; t < N; t++) {
    const double now[] = {sums[t], sums[N + t]};
    double value = vr_run_step(run, now, &two_vcpus).value;
    assert_true(isnan(value) ? isnan(values[t]) : value == values[t]);
    known += !isnan(value);
  }
  assert_true(known > N / 4 && known < N);
  vr_run_free(run);
}

/* 0.5^n < 0.05 first for n = 5 (0.03125); largest lag 1. */
static void settles_when_the_pole_has_decayed(void **state) {
  (void)state;
  assert_int_equal(vr_model_settling(&model), 1 + 5);
  struct vr_run *run = vr_run_new(&model, 6);
  double sum = 2;
  for (int t = 1; t <= 8; t++)
    assert_int_equal(vr_run_step(run, &sum, &two_vcpus).settled, t >= 6);
  vr_run_free(run);
}

static void a_restored_run_goes_on_as_its_twin(void **state) {
  (void)state;
  struct vr_run *run = vr_run_new(&model, 6), *twin = vr_run_new(&model, 6);
  for (int t = 0; t < 7; t++) {
    double sum = t;
    vr_run_step(run, &sum, &two_vcpus);
  }
  double numbers[16];
  assert_true(vr_run_state_size(run) <= 16);
  vr_run_export(run, numbers);
  assert_int_equal(vr_run_import(twin, numbers, 0), 0);
  for (int t = 0; t < 7; t++) {
    double sum = t % 3;
    struct vr_run_value x = vr_run_step(run, &sum, &two_vcpus),
                        y = vr_run_step(twin, &sum, &two_vcpus);
    assert_true(x.value == y.value && x.settled == y.settled);
  }
  numbers[3] = NAN;
  assert_int_equal(vr_run_import(twin, numbers, 0), -EINVAL);
  vr_run_free(run);
  vr_run_free(twin);
}

/* The kernel's own recursion of all three averages, on 5 s ticks, against a
 * load filter of step 5: n active tasks jump from 1 to 3. */
static void the_three_loads_follow_the_kernels_recursion(void **state) {
  (void)state;
  const double e[] = {1884. / 2048, 2014. / 2048, 2037. / 2048};
  double la[] = {1, -e[0]}, lb[] = {1 - e[0]};
  struct vr_arx_input lx = {.nb = 1, .nk = 0, .b = lb};
  struct vr_model_input in = {.n_signals = 1,
                              .signals = signals,
                              .scale = 1,
                              .range_min = -INFINITY,
                              .range_max = INFINITY};
  struct vr_model m = {.counter = VR_LOAD,
                       .structure = VR_LOAD_FILTER,
                       .step = 5,
                       .arx = {.na = 1, .a = la, .nu = 1, .inputs = &lx},
                       .n_inputs = 1,
                       .inputs = &in,
                       .output = {.min = 0, .max = INFINITY}};
  struct vr_run *run = vr_run_new(&m, 0);
  double kernel[] = {1, 1, 1};
  for (int t = 0; t < 200; t++) {
    double n = t < 10 ? 1 : 3;
    for (int i = 0; i < 3; i++)
      kernel[i] = kernel[i] * e[i] + n * (1 - e[i]);
    struct vr_run_value v = vr_run_step(run, &n, &two_vcpus);
    assert_true(fabs(v.value - kernel[0]) < 1e-9);
    assert_true(fabs(v.midterm - kernel[1]) < 1e-9);
    assert_true(fabs(v.longterm - kernel[2]) < 1e-9);
  }
  vr_run_free(run);
}

static void goes_on_with_a_model_of_the_same_structure_only(void **state) {
  (void)state;
  double other_b[] = {2}, other_a[] = {1, -0.5, 0.01};
  struct vr_arx_input x = {.nb = 1, .nk = 0, .b = other_b};
  struct vr_model better = model, larger = model;
  better.arx.inputs = &x;
  larger.arx.na = 2;
  larger.arx.a = other_a;
  struct vr_run *run = vr_run_new(&model, 0);
  double sum = 2;
  assert_true(vr_run_step(run, &sum, &two_vcpus).value == 14);
  assert_int_equal(vr_run_change_model(run, &larger, 0), -EINVAL);
  assert_true(vr_run_step(run, &sum, &two_vcpus).value == 14);
  assert_int_equal(vr_run_change_model(run, &better, 0), 0);
  /* 0.5 * 4 + 2 * 2 = 6: from where it was, not from rest (8). */
  assert_true(vr_run_step(run, &sum, &two_vcpus).value == 16);
  vr_run_free(run);
}

/* y = 0.5 y(t-1) + 0.5 u in thousands about 3, once in units about 1000 and
 * once in hundreds about 2000: the same relation, so that the same inputs give
 * the same values after the change as without it. */
static void takes_its_memory_into_other_offsets_and_scales(void **state) {
  (void)state;
  double pole[] = {1, -0.5}, gain[] = {0.5}, hundreds_gain[] = {50};
  struct vr_arx_input x = {.nb = 1, .nk = 1, .b = gain},
                      hundreds_x = {.nb = 1, .nk = 1, .b = hundreds_gain};
  struct vr_model_input in = {.n_signals = 1,
                              .signals = signals,
                              .scale = 1,
                              .offset = 1000,
                              .range_min = -INFINITY,
                              .range_max = INFINITY},
                        hundreds_in = in;
  hundreds_in.scale = 0.01;
  hundreds_in.offset = 20;
  struct vr_model m = {.counter = VR_LOAD,
                       .structure = VR_ARX,
                       .step = 1,
                       .arx = {.na = 1, .a = pole, .nu = 1, .inputs = &x},
                       .n_inputs = 1,
                       .inputs = &in,
                       .output = {.offset = 1000,
                                  .min = -INFINITY,
                                  .max = INFINITY}},
                  other = m;
  other.arx.inputs = &hundreds_x;
  other.inputs = &hundreds_in;
  other.output.offset = 2000;
  struct vr_run *run = vr_run_new(&m, 3), *twin = vr_run_new(&m, 3);
  for (int t = 0; t < 40; t++) {
    double sum = 3000 + 100 * (t % 7);
    if (t == 20)
      assert_int_equal(vr_run_change_model(run, &other, 3), 0);
    struct vr_run_value v = vr_run_step(run, &sum, &two_vcpus),
                        w = vr_run_step(twin, &sum, &two_vcpus);
    assert_true(fabs(v.value - w.value) < 1e-9);
    /* but it is another model's past: its third tick is settled again */
    assert_int_equal(v.settled, (t >= 2 && t < 20) || t >= 22);
  }
  vr_run_free(run);
  vr_run_free(twin);
}

static void what_is_divided_by_something_else_begins_anew(void **state) {
  (void)state;
  struct vr_model_input in = model.inputs[0];
  in.per = in.per == VR_PER_ONE ? VR_PER_VCPU : VR_PER_ONE;
  struct vr_model other = model;
  other.inputs = &in;
  struct vr_run *run = vr_run_new(&model, 0);
  assert_int_equal(vr_run_change_model(run, &other, 0), -EINVAL);
  other = model;
  other.output.per = other.output.per == VR_PER_ONE ? VR_PER_GIB : VR_PER_ONE;
  assert_int_equal(vr_run_change_model(run, &other, 0), -EINVAL);
  vr_run_free(run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(follows_the_equation_by_hand),
      cmocka_unit_test(holds_two_ticks_then_says_nothing_then_rests),
      cmocka_unit_test(runs_by_columns_as_by_ticks),
      cmocka_unit_test(says_nothing_without_the_guests_size),
      cmocka_unit_test(settles_when_the_pole_has_decayed),
      cmocka_unit_test(a_restored_run_goes_on_as_its_twin),
      cmocka_unit_test(the_three_loads_follow_the_kernels_recursion),
      cmocka_unit_test(goes_on_with_a_model_of_the_same_structure_only),
      cmocka_unit_test(takes_its_memory_into_other_offsets_and_scales),
      cmocka_unit_test(what_is_divided_by_something_else_begins_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
