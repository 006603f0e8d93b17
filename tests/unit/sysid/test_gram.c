/* SPDX-License-Identifier: MIT
 *
 * The Gram and the loops below it, entry by entry against plain sums: the fits
 * above them would mend a wrong entry by refinement and only be slower.
 */
#include "reference.h"

#include "../unit.h"

#include "sysid/gram.h"
#include "sysid/kernels.h"
#include "sysid/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double plain_sum(const struct vr_dataset *d, unsigned si, unsigned li,
                        unsigned sj, unsigned lj, unsigned s) {
  long double sum = 0;
  for (size_t k = 0; k < d->n_segments; k++) {
    const struct vr_segment *g = &d->segments[k];
    const double *x = si == 0 ? g->y : g->u[si - 1],
                 *z = sj == 0 ? g->y : g->u[sj - 1];
    for (size_t t = s; t < g->n; t++)
      sum += (long double)x[t - li] * z[t - lj];
  }
  return (double)sum;
}

static void compare(const struct vr_gram *g, const struct vr_dataset *d) {
  for (unsigned si = 0; si < g->n_signals; si++)
    for (unsigned sj = 0; sj < g->n_signals; sj++)
      for (unsigned li = g->lag_min[si]; li <= g->lag_max[si]; li++)
        for (unsigned lj = g->lag_min[sj]; lj <= g->lag_max[sj]; lj++) {
          unsigned i = vr_gram_index(g, si, li), j = vr_gram_index(g, sj, lj);
          double expected = plain_sum(d, si, li, sj, lj, g->largest_lag);
          double size = sqrt(vr_gram_at(g, i, i) * vr_gram_at(g, j, j));
          assert_true(fabs(vr_gram_at(g, i, j) - expected) < 1e-13 * size);
        }
}

/* Lags that begin late, one lag only, more lags than rows in a segment. */
static void every_entry_is_its_sum(void **state) {
  (void)state;
  static const unsigned shapes[][6] = {{3, 0, 5, 2, 2, 0},
                                       {0, 4, 9, 0, 30, 0},
                                       {12, 7, 7, 1, 6, 25},
                                       {1, 0, 0, 0, 0, 0}};
  struct made m;
  make_data(&m, 700, 2, 0.8, 1, 11);
  const double *late[] = {m.u[0] + 301, m.u[1] + 301},
               *tail[] = {m.u[0] + 650, m.u[1] + 650};
  struct vr_segment parts[] = {{.n = 290, .y = m.s.y, .u = m.s.u},
                               {.n = 333, .y = m.s.y + 301, .u = late},
                               {.n = 40, .y = m.s.y + 650, .u = tail},
                               {.n = 5, .y = m.s.y, .u = m.s.u}};
  struct vr_dataset d = {.nu = 2, .n_segments = 4, .segments = parts};
  for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
    const unsigned *s = shapes[k], low[] = {s[1], s[3]}, high[] = {s[2], s[4]};
    struct vr_gram g;
    assert_int_equal(vr_gram_new(s[0], 2, low, high, s[5], &g), 0);
    assert_int_equal(vr_gram_add_dataset(&g, &d), 0);
    compare(&g, &d);
    vr_gram_clear(&g);
  }
  made_free(&m);
}

/* The Gram of all segments less that of one is the Gram of the others. */
static void grams_add_up(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 500, 1, 0.8, 1, 12);
  const double *late[] = {m.u[0] + 200};
  struct vr_segment parts[] = {{.n = 200, .y = m.s.y, .u = m.s.u},
                               {.n = 300, .y = m.s.y + 200, .u = late}};
  struct vr_dataset both = {.nu = 1, .n_segments = 2, .segments = parts},
                    first = both, second = both;
  first.n_segments = second.n_segments = 1;
  second.segments = parts + 1;
  const unsigned low[] = {1}, high[] = {4};
  struct vr_gram all, one;
  assert_int_equal(vr_gram_new(3, 1, low, high, 0, &all), 0);
  assert_int_equal(vr_gram_new(3, 1, low, high, 0, &one), 0);
  assert_int_equal(vr_gram_add_dataset(&all, &both), 0);
  assert_int_equal(vr_gram_add_dataset(&one, &second), 0);
  assert_int_equal(all.rows, 196 + 296);
  vr_gram_add(&all, &one, -1);
  assert_int_equal(all.rows, 196);
  compare(&all, &first);
  vr_gram_add(&all, &one, 1);
  assert_int_equal(all.rows, 492);
  compare(&all, &both);
  vr_gram_clear(&all);
  vr_gram_clear(&one);
  made_free(&m);
}

/* All lengths around the loops' steps. */
static void kernels_are_plain_loops(void **state) {
  (void)state;
  enum { PAST = 40, MOST = 2100 };
  double *x = calloc(MOST, sizeof(*x)), *z = calloc(PAST + MOST, sizeof(*z)),
         *out = calloc(MOST, sizeof(*out)), c[PAST];
  unsigned long long seed = 13;
  for (int t = 0; t < PAST + MOST; t++)
    z[t] = normal(&seed);
  for (int t = 0; t < MOST; t++)
    x[t] = normal(&seed);
  for (size_t n = 0; n < MOST; n += n < 40 ? 1 : 343)
    for (unsigned lags = 1; lags <= PAST; lags += 3) {
      vr_sysid_lag_products(n, x, z + PAST, lags, c);
      for (unsigned k = 0; k < lags; k++) {
        double sum = 0;
        for (size_t t = 0; t < n; t++)
          sum += x[t] * z[PAST + t - k];
        assert_true(fabs(c[k] - sum) < 1e-11);
      }
      memcpy(out, x, n * sizeof(*x));
      vr_sysid_fir_add(n, c, lags, z + PAST, out);
      for (size_t t = 0; t < n; t++) {
        double sum = x[t], size = 1;
        for (unsigned k = 0; k < lags; k++) {
          sum += c[k] * z[PAST + t - k];
          size += fabs(c[k]);
        }
        assert_true(fabs(out[t] - sum) < 1e-13 * size);
      }
    }
  free(x);
  free(z);
  free(out);
}

/* L with known inverse and condition: [[2, 0], [1, 1]]. L L' = [[4, 2], [2,
 * 2]], inverse [[0.5, -0.5], [-0.5, 1]]; eigenvalues 3 +- sqrt(5). */
static void small_factors_by_hand(void **state) {
  (void)state;
  double a[] = {4, 99, 2, 2}, x[] = {6, 4}, d[2], work[2];
  assert_int_equal(vr_sysid_cholesky(2, a, 0), 0);
  assert_memory_equal(a, ((double[]){2, 99, 1, 1}), sizeof(a));
  vr_sysid_solve(2, a, x); /* 0.5*6 - 0.5*4, -0.5*6 + 4 */
  assert_true(fabs(x[0] - 1) < 1e-15 && fabs(x[1] - 1) < 1e-15);
  vr_sysid_inverse_diagonal(2, a, d, work);
  assert_true(fabs(d[0] - 0.5) < 1e-15 && fabs(d[1] - 1) < 1e-15);
  double exact = sqrt((3 + sqrt(5)) / (3 - sqrt(5)));
  assert_true(fabs(vr_sysid_condition(2, a, work) - exact) < 0.01);
  double singular[] = {1, 0, 1, 1};
  assert_int_equal(vr_sysid_cholesky(2, singular, 1e-12), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_entry_is_its_sum),
      cmocka_unit_test(grams_add_up),
      cmocka_unit_test(kernels_are_plain_loops),
      cmocka_unit_test(small_factors_by_hand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
