/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include "../unit.h"

#include "sysid/estimate.h"
#include "sysid/search.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rss of one structure on the grid's shared rows: the data is cut so that
 * its own rows are those. */
static double rss_of(const struct made *m, unsigned na, const unsigned *nb,
                     const unsigned *nk, unsigned shared) {
  const struct vr_orders o = {na, m->d.nu, nb, nk};
  unsigned drop = shared - vr_dataset_orders_largest_lag(&o);
  const double *u[8];
  for (unsigned i = 0; i < m->d.nu; i++)
    u[i] = m->u[i] + drop;
  struct vr_segment s = {.n = m->s.n - drop, .y = m->s.y + drop, .u = u};
  struct vr_dataset d = {.nu = m->d.nu, .n_segments = 1, .segments = &s};
  struct reference ref = reference_fit(&d, &o);
  reference_free(&ref);
  return ref.rss;
}

/* Every structure is in the list (keep is above their number), each with the
 * residuals that a fit of its own has. */
static void every_structure_has_the_rss_of_its_own_fit(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 400, 2, 0.8, 0.5, 31);
  const struct vr_range nb[] = {{1, 3}, {2, 3}}, nk[] = {{0, 2}, {4, 5}};
  for (int tied = 0; tied < 2; tied++) {
    struct vr_search_grid grid = {{0, 3}, 2, nb, nk, tied};
    struct vr_search_options options = {.keep = 1000, .tolerance = -1};
    struct vr_search_result r;
    size_t n = tied ? 4 * 3 * 3 : 4 * (3 * 3) * (2 * 2);
    unsigned shared = tied ? 4 : 7; /* nb + nk - 1 at most */
    assert_int_equal(vr_search_size(&grid), n);
    assert_int_equal(vr_search(&m.d, NULL, &grid, &options, &r, NULL), 0);
    assert_int_equal(r.n_structures, n);
    assert_int_equal(r.n, n);
    assert_int_equal(r.n_singular, 0);
    assert_int_equal(r.rows, 400 - shared);
    double best[VR_CRITERIA] = {INFINITY, INFINITY, INFINITY};
    for (size_t k = 0; k < r.n; k++) {
      const struct vr_candidate *c = &r.candidates[k];
      double rss = rss_of(&m, c->na, c->nb, c->nk, shared);
      assert_true(fabs(c->rss - rss) < 1e-10 * rss);
      for (int i = 0; i < VR_CRITERIA; i++)
        best[i] = fmin(best[i], c->criterion[i]);
      for (size_t j = 0; j < k; j++) /* none twice */
        assert_false(r.candidates[j].na == c->na &&
                     memcmp(r.candidates[j].nb, c->nb, 4 * sizeof(int)) == 0);
      if (k > 0 && c->stable && r.candidates[k - 1].stable)
        assert_true(r.candidates[k - 1].free_run >= c->free_run);
    }
    for (int i = 0; i < VR_CRITERIA; i++)
      assert_true(r.best[i].criterion[i] == best[i]);
    vr_search_result_clear(&r);
  }
  made_free(&m);
}

/* 100 (1 - |y - x| / |y - mean|) of the free run X of the definition, from row
 * FIRST on. */
static double free_run_of(const struct vr_arx *m, const struct vr_segment *s,
                          size_t first) {
  double *x = malloc(s->n * sizeof(*x)), mean = 0, e = 0, total = 0;
  memcpy(x, s->y, s->n * sizeof(*x));
  for (size_t t = first; t < s->n; t++) {
    x[t] = 0;
    for (unsigned k = 1; k <= m->na; k++)
      x[t] -= m->a[k] * x[t - k];
    for (unsigned k = 0; k < m->inputs[0].nb; k++)
      x[t] += m->inputs[0].b[k] * s->u[0][t - m->inputs[0].nk - k];
    mean += s->y[t] / (double)(s->n - first);
  }
  for (size_t t = first; t < s->n; t++) {
    e += pow(s->y[t] - x[t], 2);
    total += pow(s->y[t] - mean, 2);
  }
  free(x);
  return 100 * (1 - sqrt(e / total));
}

/* All are estimated on and scored from one row on, that of the largest lag or a
 * later one that was asked for: validation data that begins wildly would else
 * count against those of few lags only. */
static void all_are_scored_on_the_same_samples(void **state) {
  (void)state;
  struct made m, v;
  make_data(&m, 500, 1, 0.8, 0.5, 41);
  make_data(&v, 60, 1, 0.8, 0.5, 42);
  for (int t = 0; t < 8; t++)
    v.values[t] = t % 2 ? 50 : -50;
  const struct vr_range nb[] = {{1, 3}}, nk[] = {{0, 6}};
  struct vr_search_grid grid = {{0, 3}, 1, nb, nk, false};
  assert_int_equal(vr_search_largest_lag(&grid), 8);
  for (unsigned first = 0; first <= 20; first += 20) {
    struct vr_search_options options = {.keep = 100, .first_row = first};
    struct vr_search_result r;
    unsigned from = first ? first : 8;
    assert_int_equal(vr_search(&m.d, &v.d, &grid, &options, &r, NULL), 0);
    assert_int_equal(r.first_row, from);
    assert_int_equal(r.rows, 500 - from);
    assert_int_equal(r.n, 4 * 3 * 7);
    for (size_t k = 0; k < r.n; k++) {
      const struct vr_candidate *c = &r.candidates[k];
      const struct vr_orders o = {c->na, 1, c->nb, c->nk};
      struct vr_dataset rows;
      struct vr_arx arx;
      double rss = rss_of(&m, c->na, c->nb, c->nk, from);
      assert_true(fabs(c->rss - rss) < 1e-10 * rss);
      assert_int_equal(vr_dataset_skip(&m.d,
                                       from - vr_dataset_orders_largest_lag(&o),
                                       &rows, NULL),
                       0);
      assert_int_equal(vr_estimate_arx(&rows, &o, NULL, &arx, NULL, NULL), 0);
      double fit = free_run_of(&arx, &v.s, from);
      assert_true(fabs(c->free_run - fit) < 1e-6 * (1 + fabs(fit)));
      vr_arx_clear(&arx);
      vr_dataset_clear(&rows);
    }
    vr_search_result_clear(&r);
  }
  struct vr_search_options late = {.first_row = 495};
  struct vr_error error;
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &late, &r, &error), -ENODATA);
  assert_non_null(strstr(error.message, "5 rows"));
  made_free(&m);
  made_free(&v);
}

/* y(t) = 1.3 y(t-1) - 0.6 y(t-2) + u's from lag 1, three of them: with hardly
 * any noise BIC finds just this. */
static void finds_the_structure_that_made_the_data(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 4000, 1, 0, 0.05, 32);
  const struct vr_range nb[] = {{1, 6}}, nk[] = {{0, 4}};
  struct vr_search_grid grid = {{0, 6}, 1, nb, nk, false};
  struct vr_search_options options = {.keep = 20, .criterion = VR_BIC};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &options, &r, NULL), 0);
  assert_int_equal(r.n, 20);
  assert_int_equal(r.best[VR_BIC].na, 2);
  assert_int_equal(r.best[VR_BIC].nb[0], 3);
  assert_int_equal(r.best[VR_BIC].nk[0], 1);
  assert_true(r.candidates[0].stable);

  /* Its scores are those of the fit of full accuracy. */
  const struct vr_candidate *c = &r.candidates[0];
  const struct vr_orders o = {c->na, 1, c->nb, c->nk};
  struct vr_arx arx;
  struct vr_score score;
  assert_int_equal(vr_estimate_arx(&m.d, &o, NULL, &arx, NULL, NULL), 0);
  assert_int_equal(
      vr_simulate_score_free_run(&arx, &m.d, VR_INITIAL_MEASURED, &score), 0);
  assert_true(fabs(score.fit - c->free_run) < 0.01);
  assert_int_equal(vr_simulate_score_one_step(&arx, &m.d, &score), 0);
  assert_true(fabs(score.fit - c->one_step) < 0.01);
  vr_arx_clear(&arx);
  vr_search_result_clear(&r);
  made_free(&m);
}

/* Models of more parameters run as free here; the simplest is in front. */
static void of_equals_the_simplest_is_chosen(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 6000, 1, 0.5, 0.1, 36);
  const struct vr_range nb[] = {{1, 8}}, nk[] = {{0, 2}};
  struct vr_search_grid grid = {{1, 8}, 1, nb, nk, false};
  struct vr_search_options options = {.tolerance = -1};
  struct vr_search_result strict, simple;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &options, &strict, NULL), 0);
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &simple, NULL), 0);
  const struct vr_candidate *c = &simple.candidates[0];
  assert_true(strict.candidates[0].na + strict.candidates[0].nb[0] > 5);
  assert_int_equal(c->na, 2);
  assert_int_equal(c->nb[0], 3);
  assert_int_equal(c->nk[0], 1);
  assert_true(c->free_run >= strict.candidates[0].free_run - 0.05);
  for (size_t k = 2; k < simple.n; k++) /* the others stay in order */
    if (simple.candidates[k].stable && simple.candidates[k - 1].stable)
      assert_true(simple.candidates[k - 1].free_run >=
                  simple.candidates[k].free_run);
  for (int i = 0; i < VR_CRITERIA; i++)
    assert_true(isfinite(simple.best[i].free_run));
  vr_search_result_clear(&strict);
  vr_search_result_clear(&simple);
  made_free(&m);
}

static size_t told_done[8], told_of, told;

static void note_progress(size_t done, size_t of) {
  assert_true(told < 8);
  told_done[told++] = done;
  told_of = of;
}

/* Once for each nk of the first input, the last time with all. */
static void progress_is_told(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 2, 0.8, 0.5, 43);
  const struct vr_range nb[] = {{1, 3}, {2, 3}}, nk[] = {{0, 2}, {4, 5}};
  struct vr_search_grid grid = {{0, 3}, 2, nb, nk, false};
  struct vr_search_options options = {.progress = note_progress};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &options, &r, NULL), 0);
  assert_int_equal(told, 3);
  assert_int_equal(told_of, 144);
  for (size_t k = 0; k < 3; k++)
    assert_int_equal(told_done[k], 48 * (k + 1));
  vr_search_result_clear(&r);
  made_free(&m);
}

/* Every na has its share of the shortlist. */
static void the_shortlist_is_not_all_of_one_order(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 1000, 1, 0.9, 1, 33);
  const struct vr_range nb[] = {{1, 10}}, nk[] = {{0, 9}};
  struct vr_search_grid grid = {{1, 8}, 1, nb, nk, false};
  struct vr_search_options options = {.keep = 32};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &options, &r, NULL), 0);
  unsigned seen[9] = {0};
  for (size_t k = 0; k < r.n; k++)
    seen[r.candidates[k].na]++;
  assert_int_equal(r.n, 32);
  for (int na = 1; na <= 8; na++)
    assert_true(seen[na] >= 1);
  vr_search_result_clear(&r);
  made_free(&m);
}

/* The half of the list that a criterion fills are its very best, whatever the
 * order in which they come; and so are those of each na. */
static void the_shortlist_holds_the_best(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 800, 1, 0.9, 1, 37);
  const struct vr_range nb[] = {{1, 9}}, nk[] = {{0, 9}};
  struct vr_search_grid grid = {{1, 5}, 1, nb, nk, false};
  for (int c = 0; c < VR_CRITERIA; c++) {
    struct vr_search_options few = {.keep = 20, .criterion = c},
                             every = {.keep = 1000, .criterion = c};
    struct vr_search_result list, all;
    assert_int_equal(vr_search(&m.d, NULL, &grid, &few, &list, NULL), 0);
    assert_int_equal(vr_search(&m.d, NULL, &grid, &every, &all, NULL), 0);
    assert_int_equal(list.n, 20);
    assert_int_equal(all.n, 450);
    unsigned best = 0, best_of_na = 0;
    for (size_t k = 0; k < list.n; k++) {
      const struct vr_candidate *x = &list.candidates[k];
      unsigned better = 0, better_of_na = 0;
      for (size_t j = 0; j < all.n; j++) {
        const struct vr_candidate *y = &all.candidates[j];
        better += y->criterion[c] < x->criterion[c];
        better_of_na += y->na == x->na && y->criterion[c] < x->criterion[c];
      }
      best += better < 10;
      best_of_na += better_of_na == 0;
    }
    assert_int_equal(best, 10);
    assert_int_equal(best_of_na, 5);
    vr_search_result_clear(&list);
    vr_search_result_clear(&all);
  }
  made_free(&m);
}

/* y(t) = 1.05 y(t-1) + u(t-1) grows: the models with its pole fit and explode
 * elsewhere; those without one come first. */
static void stable_models_come_first(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 150, 1, 0, 1, 38);
  unsigned long long seed = 39;
  for (int t = 1; t < 150; t++)
    m.values[t] = 1.05 * m.values[t - 1] + m.u[0][t - 1] + 0.1 * normal(&seed);
  const struct vr_range nb[] = {{1, 3}}, nk[] = {{1, 1}};
  struct vr_search_grid grid = {{0, 2}, 1, nb, nk, false};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, NULL), 0);
  assert_int_equal(r.n, 9);
  for (size_t k = 0; k < 9; k++) {
    assert_int_equal(r.candidates[k].stable, k < 3);
    assert_int_equal(r.candidates[k].na == 0, k < 3);
  }
  assert_true(r.candidates[3].free_run > r.candidates[0].free_run);
  vr_search_result_clear(&r);
  made_free(&m);
}

/* y(t) = 0.5 y(t-1) + u(t-1) without noise: another lag of y follows from the
 * first and a further lag of u. */
static void collinear_lags_of_the_output_are_left_out(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 300, 1, 0, 1, 40);
  for (int t = 1; t < 300; t++)
    m.values[t] = 0.5 * m.values[t - 1] + m.u[0][t - 1];
  const struct vr_range nb[] = {{1, 3}}, nk[] = {{1, 1}};
  struct vr_search_grid grid = {{1, 3}, 1, nb, nk, false};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, NULL), 0);
  /* (2, 2), (3, 2), (2, 3), (3, 3): y(t-1) = 0.5 y(t-2) + u(t-2). */
  assert_int_equal(r.n_singular, 4);
  assert_int_equal(r.n, 5);
  vr_search_result_clear(&r);
  made_free(&m);
}

/* Input 2 is input 1 a step later: structures that hold both at one lag are
 * left out and counted, the others stay. */
static void collinear_structures_are_left_out(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 500, 2, 0, 0.5, 34);
  for (int t = 0; t < 500; t++)
    ((double *)m.u[1])[t] = t > 0 ? m.u[0][t - 1] : 0;
  const struct vr_range nb[] = {{1, 2}, {1, 2}}, nk[] = {{1, 1}, {1, 1}};
  struct vr_search_grid grid = {{0, 2}, 2, nb, nk, false};
  struct vr_search_result r;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, NULL), 0);
  /* nb = (1, 1), (1, 2): lags of input 1 are 1 | 2 (3): fine. nb = (2, ..): 1,
   * 2 | 2: collinear, for each of 3 na. */
  assert_int_equal(r.n_structures, 12);
  assert_int_equal(r.n_singular, 6);
  assert_int_equal(r.n, 6);
  vr_search_result_clear(&r);
  made_free(&m);
}

static void grids_without_sense_are_refused(void **state) {
  (void)state;
  struct made m;
  make_data(&m, 200, 1, 0, 0.5, 35);
  const struct vr_range ok[] = {{1, 3}}, empty[] = {{3, 1}}, zero[] = {{0, 2}},
                        wide[] = {{0, 3999999999u}}, long_[] = {{1, 190}};
  struct vr_search_result r;
  struct vr_error error;
  struct vr_search_options few = {.max_structures = 8};
  struct vr_search_grid grid = {{1, 2}, 1, empty, ok, false};
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, &error), -EINVAL);
  grid.nb = zero;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, &error), -EINVAL);
  assert_non_null(strstr(error.message, "nb"));
  grid.nb = ok;
  grid.nk = wide;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, &error), -EINVAL);
  grid.nk = ok;
  assert_int_equal(vr_search(&m.d, NULL, &grid, &few, &r, &error), -EINVAL);
  assert_non_null(strstr(error.message, "18 structures"));
  grid.nb = long_;
  assert_int_equal(vr_search(&m.d, NULL, &grid, NULL, &r, &error), -ENODATA);
  made_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_structure_has_the_rss_of_its_own_fit),
      cmocka_unit_test(all_are_scored_on_the_same_samples),
      cmocka_unit_test(finds_the_structure_that_made_the_data),
      cmocka_unit_test(of_equals_the_simplest_is_chosen),
      cmocka_unit_test(progress_is_told),
      cmocka_unit_test(the_shortlist_is_not_all_of_one_order),
      cmocka_unit_test(the_shortlist_holds_the_best),
      cmocka_unit_test(stable_models_come_first),
      cmocka_unit_test(collinear_lags_of_the_output_are_left_out),
      cmocka_unit_test(collinear_structures_are_left_out),
      cmocka_unit_test(grids_without_sense_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
