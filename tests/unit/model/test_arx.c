/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "model/arx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* y(t) = 0.5 y(t-1) + 2 u(t-1) + u(t-2) */
static double a_one_pole[] = {1, -0.5};
static double b_two[] = {2, 1};
static struct vr_arx_input input_two[] = {{.nb = 2, .nk = 1, .b = b_two}};
static const struct vr_arx one_pole = {
    .na = 1, .a = a_one_pole, .nu = 1, .inputs = input_two};

/* The impulse response by hand: 0, 2, 2/2 + 1 = 2, then halves. */
static void impulse_response_is_the_equation_by_hand(void **state) {
  (void)state;
  struct vr_arx_state *s = vr_arx_state_new(&one_pole);
  const double expected[] = {0, 2, 2, 1, 0.5, 0.25};
  for (int t = 0; t < 6; t++) {
    double u = t == 0;
    assert_true(vr_arx_step(&one_pole, s, &u) == expected[t]);
  }
  vr_arx_state_free(s);
}

static void rests_where_it_was_set_to_rest(void **state) {
  (void)state;
  struct vr_arx_state *s = vr_arx_state_new(&one_pole);
  double u = 3, gain = vr_arx_dc_gain(&one_pole, 0);
  assert_true(gain == 6); /* (2 + 1) / (1 - 0.5) */
  vr_arx_state_rest(s, gain * u, &u);
  for (int t = 0; t < 5; t++)
    assert_true(vr_arx_step(&one_pole, s, &u) == 18);
  vr_arx_state_free(s);
}

/* The plain sum over the whole history, written down from the definition. */
static double naive(const struct vr_arx *m, const double *y, double u[][100],
                    int t) {
  double sum = 0;
  for (unsigned i = 0; i < m->nu; i++)
    for (unsigned k = 0; k < m->inputs[i].nb; k++) {
      int at = t - (int)m->inputs[i].nk - (int)k;
      sum += at >= 0 ? m->inputs[i].b[k] * u[i][at] : 0;
    }
  for (unsigned k = 1; k <= m->na; k++)
    sum -= t >= (int)k ? m->a[k] * y[t - (int)k] : 0;
  return sum;
}

static void several_inputs_and_delays_follow_the_definition(void **state) {
  (void)state;
  double a[] = {1, -1.2, 0.5, -0.1}, b0[] = {1, 0.3, -0.2}, b1[] = {0.7},
         b2[] = {0.1, 0.2};
  struct vr_arx_input in[] = {{3, 0, b0}, {1, 7, b1}, {2, 1, b2}};
  struct vr_arx m = {.na = 3, .a = a, .nu = 3, .inputs = in};
  assert_int_equal(vr_arx_largest_lag(&m), 7);

  struct vr_arx_state *s = vr_arx_state_new(&m);
  double u[3][100], y[100];
  srand(1);
  for (int t = 0; t < 100; t++) {
    double now[3];
    for (int i = 0; i < 3; i++)
      now[i] = u[i][t] = rand() / (double)RAND_MAX - 0.5;
    double expected = naive(&m, y, u, t);
    y[t] = vr_arx_step(&m, s, now);
    assert_true(fabs(y[t] - expected) < 1e-12);
  }
  vr_arx_state_free(s);
}

static void exported_state_continues_the_same_run(void **state) {
  (void)state;
  double a[] = {1, -0.9}, b[] = {1, 2, 3};
  struct vr_arx_input in[] = {{3, 4, b}};
  struct vr_arx m = {.na = 1, .a = a, .nu = 1, .inputs = in};
  struct vr_arx_state *s = vr_arx_state_new(&m), *twin = vr_arx_state_new(&m);
  for (int t = 0; t < 23; t++) {
    double u = sin(t);
    vr_arx_step(&m, s, &u);
  }
  double numbers[32];
  assert_int_equal(vr_arx_state_size(&m), 1 + 7);
  vr_arx_state_export(s, numbers);
  vr_arx_state_import(twin, numbers);
  for (int t = 23; t < 50; t++) {
    double u = sin(t);
    assert_true(vr_arx_step(&m, s, &u) == vr_arx_step(&m, twin, &u));
  }
  vr_arx_state_free(s);
  vr_arx_state_free(twin);
}

/* Polynomials with roots known by construction. */
static void spectral_radius_is_the_largest_root(void **state) {
  (void)state;
  double pair[] = {1, -1.2, 0.72};   /* 0.6 +- 0.6i: radius sqrt(0.72) */
  double real[] = {1, -1.5, 0.56};   /* 0.7, 0.8 */
  double outside[] = {1, -2.7, 1.4}; /* 0.7, 2.0 */
  double nothing[] = {1, 0, 0};      /* both at 0 */
  struct vr_arx m = {.na = 2, .a = pair};
  assert_true(fabs(vr_arx_spectral_radius(&m) - sqrt(0.72)) < 1e-9);
  m.a = real;
  assert_true(fabs(vr_arx_spectral_radius(&m) - 0.8) < 1e-9);
  m.a = outside;
  assert_true(fabs(vr_arx_spectral_radius(&m) - 2) < 1e-9);
  m.a = nothing;
  assert_true(vr_arx_spectral_radius(&m) == 0);
  m.na = 0;
  m.a = NULL;
  assert_true(vr_arx_spectral_radius(&m) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impulse_response_is_the_equation_by_hand),
      cmocka_unit_test(rests_where_it_was_set_to_rest),
      cmocka_unit_test(several_inputs_and_delays_follow_the_definition),
      cmocka_unit_test(exported_state_continues_the_same_run),
      cmocka_unit_test(spectral_radius_is_the_largest_root),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
