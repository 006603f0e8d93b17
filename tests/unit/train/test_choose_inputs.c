/* SPDX-License-Identifier: MIT
 *
 * Choice and coefficients, on data whose law is known.
 */
#include "../unit.h"
#include "train/fit/build_features.h"
#include "train/fit/choose_inputs.h"
#include "train/fit/defined.h"
#include "train/fit/infer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define assert_near(x, wanted, tolerance)                                      \
  assert_true(fabs((x) - (wanted)) <= (tolerance))

enum { ROWS = 2000 };

static size_t source(const char *name) {
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, name) == 0)
      return s;
  fail();
  return 0;
}

static double noise(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (double)(*seed >> 8) / (1 << 24) - 0.5;
}

/* A recording in which contextswitch (per vCPU, 2 of them) is 5 + x, x = 0.8
 * x + 0.2 (3 u(t-1)), u the voluntary switches, and buffers is noise. */
static struct vr_guest_data *recording(void) {
  struct vr_guest_data *d = calloc(1, sizeof(*d));
  unsigned seed = 1;
  d->guest = strdup("g");
  d->accelerator = VR_ACCEL_TCG;
  d->vcpus = 2;
  d->gib = 1;
  d->grid = (struct vr_timeline){1000, 1, ROWS};
  d->u = calloc(vr_sources_count, sizeof(*d->u));
  const char *names[] = {"switches_voluntary", "wait", "faults_vcpu"};
  for (size_t k = 0; k < 3; k++) {
    double *u = d->u[source(names[k])] = calloc(ROWS, sizeof(double));
    for (size_t t = 0; t < ROWS; t++)
      u[t] = (double)(t / (40 + 13 * k) % 2) + noise(&seed);
  }
  double *y = d->y[VR_CONTEXTSWITCH] = calloc(ROWS, sizeof(double));
  double *z = d->y[VR_BUFFERS] = calloc(ROWS, sizeof(double));
  const double *u = d->u[source("switches_voluntary")];
  double x = 0;
  for (size_t t = 0; t < ROWS; t++) {
    x = 0.8 * x + 0.2 * 3 * (t > 0 ? u[t - 1] : u[0]);
    y[t] = t % 97 == 0 ? NAN : 2 * (5 + x);
    z[t] = 10 + noise(&seed);
  }
  return d;
}

static void release(struct vr_guest_data *d) {
  vr_data_guest_clear(d);
  free(d);
}

static size_t counter(const struct vr_features *f, enum vr_counter c) {
  for (size_t i = 0; i < f->n_counters; i++)
    if (f->counters[i] == c)
      return i;
  fail();
  return 0;
}

/* The candidate poles hold exp(-1/4) = 0.779, not 0.8, so the gain at
 * frequency 0 is what must be right, and the fit high but not perfect. */
static void test_law(void **state) {
  (void)state;
  struct vr_guest_data *d = recording();
  const struct vr_guest_data *all[] = {d};
  struct vr_features f;
  struct vr_error error;
  assert_int_equal(vr_features_build(all, 1, VR_VM_PROCESS, false, &f, &error),
                   0);
  assert_int_equal(f.n_sources, 3);
  size_t c = counter(&f, VR_CONTEXTSWITCH);
  struct vr_choice choice;
  struct vr_model m;
  const struct vr_given_orders none = {0};
  assert_int_equal(vr_infer(&f, c, &none, 31, &choice, &m), 0);
  assert_string_equal(vr_sources[f.sources[choice.inputs[0].source].index].name,
                      "switches_voluntary");
  assert_true(choice.cv_fit > 90);
  assert_near(vr_arx_dc_gain(&m.arx, 0), 3, 0.1);
  assert_true(vr_arx_spectral_radius(&m.arx) < 1);
  assert_int_equal(m.output.per, VR_PER_VCPU);
  /* At an input of 1 everywhere the output is 5 + 3. */
  double y = m.output.offset;
  for (size_t i = 0; i < m.n_inputs; i++)
    y += vr_arx_dc_gain(&m.arx, (unsigned)i) * ((i == 0) - m.inputs[i].offset);
  assert_near(y, 8, 0.2);
  vr_model_clear(&m);

  c = counter(&f, VR_BUFFERS);
  vr_choose_inputs(&f, c, 31, &choice);
  assert_true(choice.cv_fit < 3);
  vr_features_clear(&f);
  release(d);
}

/* Orders that hold the law find it: a = 1, -0.8, b = 0.6 at delay 1. */
static void test_orders(void **state) {
  (void)state;
  struct vr_guest_data *d = recording();
  const struct vr_guest_data *all[] = {d};
  struct vr_features f;
  struct vr_error error;
  assert_int_equal(vr_features_build(all, 1, VR_VM_PROCESS, false, &f, &error),
                   0);
  size_t c = counter(&f, VR_CONTEXTSWITCH);
  struct vr_choice choice;
  struct vr_model m;
  vr_choose_inputs(&f, c, 31, &choice);
  choice.n_inputs = 1;
  const struct vr_given_orders orders = {
      .given = true, .na = 1, .nb = {1}, .nk = {1}, .n_nb = 1, .n_nk = 1};
  assert_int_equal(vr_infer_ordered(&f, c, &choice, &orders, 31, &m), 0);
  assert_near(m.arx.a[1], -0.8, 1e-3);
  assert_near(m.arx.inputs[0].b[0], 0.6, 3e-3);
  vr_model_clear(&m);
  vr_features_clear(&f);
  release(d);
}

/* y = 100 (run + 0.4 wait) exactly; rows of fold 1 say otherwise. */
static void test_wait(void **state) {
  (void)state;
  double y[6], run[6] = {.1, .2, .3, .1, .2, NAN},
               wait[6] = {.3, .1, .2, .5, .1, .2};
  unsigned char fold[6] = {0, 0, 0, 1, 1, 0};
  for (int i = 0; i < 6; i++)
    y[i] = 100 * (run[i] + (fold[i] ? 0.9 : 0.4) * wait[i]);
  assert_near(vr_fit_calibrate_wait(y, run, wait, 100, fold, 1, 6), 0.4, 1e-12);
  assert_near(vr_fit_calibrate_wait(y, run, wait, 100, fold, 2, 6), 0.9, 1e-12);
  y[0] = 1e6;
  assert_near(vr_fit_calibrate_wait(y, run, wait, 100, NULL, 0, 6), 1, 0);
  double still[6] = {0};
  assert_near(vr_fit_calibrate_wait(y, run, still, 100, NULL, 0, 6), 1, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_law),
      cmocka_unit_test(test_orders),
      cmocka_unit_test(test_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
