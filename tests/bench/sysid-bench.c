/* SPDX-License-Identifier: MIT
 *
 * What estimation costs: single fits, structure searches, and their growth with
 * samples, parameters and structures; GSL's own TSQR on the same rows for
 * comparison. CPU seconds of one core, the least of some runs.
 *
 *   sysid-bench data FILE       100 000 samples of y, u1, u2, u3 as doubles
 *   sysid-bench fits            ours and GSL, (20, 17, 50), 1 and 3 inputs
 *   sysid-bench search          1000 structures, 10 000 samples
 *   sysid-bench seed            17 000 structures, 3 inputs, 100 000 samples
 *   sysid-bench samples | parameters | structures      growth, as tables
 */
#include "sysid/estimate.h"
#include "sysid/search.h"

#include <gsl/gsl_multilarge.h>
#include <gsl/gsl_vector.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { N = 100000, INPUTS = 3 };

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *what) {
  fprintf(stderr, "sysid-bench: %s\n", what);
  exit(1);
}

struct data {
  struct vr_dataset d;
  struct vr_segment s;
  const double *u[INPUTS];
  double *values; /* y, u1, u2, u3 of n each */
};

static double noise(unsigned long long *seed) {
  double sum = -6;
  for (int k = 0; k < 12; k++) {
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    sum += (double)(*seed >> 11) / 9007199254740992.0;
  }
  return sum;
}

/* Coloured inputs that reach the output after 50 samples, through a resonance,
 * with noise. */
static void make(struct data *m, size_t n, unsigned nu) {
  unsigned long long seed = 1;
  double *y = m->values = calloc((INPUTS + 1) * n, sizeof(double));
  if (!y)
    die("out of memory");
  for (unsigned i = 0; i < INPUTS; i++) {
    double *u = y + (i + 1) * n;
    m->u[i] = u;
    for (size_t t = 0; t < n; t++)
      u[t] = (t > 0 ? 0.8 * u[t - 1] : 0) + noise(&seed);
  }
  for (size_t t = 0; t < n; t++) {
    y[t] = 0.5 * noise(&seed);
    y[t] += (t > 1 ? 1.3 * y[t - 1] - 0.6 * y[t - 2] : 0);
    for (unsigned i = 0; i < nu; i++)
      y[t] += t >= 52 ? 0.4 * m->u[i][t - 50] + 0.2 * m->u[i][t - 52] : 0;
  }
  m->s = (struct vr_segment){.n = n, .y = y, .u = m->u};
  m->d = (struct vr_dataset){.nu = nu, .n_segments = 1, .segments = &m->s};
}

/* Least CPU time of RUNS fits; the parameters of the last stay in THETA. */
static double time_fit(const struct data *m, const struct vr_orders *o,
                       int runs, double *theta) {
  double least = INFINITY;
  for (int k = 0; k < runs; k++) {
    struct vr_arx arx;
    struct vr_fit_info info;
    struct vr_error error;
    double begin = cpu();
    if (vr_estimate_arx(&m->d, o, NULL, &arx, &info, &error) < 0)
      die(error.message);
    least = fmin(least, cpu() - begin);
    double *to = theta;
    for (unsigned j = 1; theta && j <= arx.na; j++)
      *to++ = arx.a[j];
    for (unsigned i = 0; theta && i < arx.nu; i++)
      for (unsigned j = 0; j < arx.inputs[i].nb; j++)
        *to++ = arx.inputs[i].b[j];
    vr_arx_clear(&arx);
    vr_estimate_info_clear(&info);
  }
  return least;
}

/* GSL on the same rows, in blocks of 1000, as its manual advises. */
static double time_gsl(const struct data *m, const struct vr_orders *o,
                       double *theta) {
  enum { BLOCK = 1000 };
  size_t p = vr_dataset_orders_parameters(o),
         lag = vr_dataset_orders_largest_lag(o);
  gsl_multilarge_linear_workspace *w =
      gsl_multilarge_linear_alloc(gsl_multilarge_linear_tsqr, p);
  gsl_vector *c = gsl_vector_alloc(p);
  double rnorm, snorm, begin = cpu();
  for (size_t from = lag; from < m->s.n; from += BLOCK) {
    size_t rows = m->s.n - from < BLOCK ? m->s.n - from : BLOCK;
    gsl_matrix *x = gsl_matrix_alloc(rows, p);
    gsl_vector *y = gsl_vector_alloc(rows);
    for (size_t r = 0; r < rows; r++) {
      size_t t = from + r, j = 0;
      for (size_t k = 1; k <= o->na; k++)
        gsl_matrix_set(x, r, j++, -m->s.y[t - k]);
      for (unsigned i = 0; i < o->nu; i++)
        for (size_t k = 0; k < o->nb[i]; k++)
          gsl_matrix_set(x, r, j++, m->u[i][t - o->nk[i] - k]);
      gsl_vector_set(y, r, m->s.y[t]);
    }
    gsl_multilarge_linear_accumulate(x, y, w);
    gsl_matrix_free(x);
    gsl_vector_free(y);
  }
  gsl_multilarge_linear_solve(0, c, &rnorm, &snorm, w);
  double seconds = cpu() - begin;
  memcpy(theta, c->data, p * sizeof(*theta));
  gsl_vector_free(c);
  gsl_multilarge_linear_free(w);
  return seconds;
}

static double difference(size_t n, const double *x, const double *y) {
  double d = 0, s = 0;
  for (size_t k = 0; k < n; k++) {
    d += (x[k] - y[k]) * (x[k] - y[k]);
    s += y[k] * y[k];
  }
  return sqrt(d / s);
}

static void fits(void) {
  static const unsigned nb[] = {17, 17, 17}, nk[] = {50, 50, 50};
  for (unsigned nu = 1; nu <= 3; nu += 2) {
    struct data m;
    double ours[128], gsl[128];
    make(&m, N, nu);
    const struct vr_orders o = {20, nu, nb, nk};
    double seconds = time_fit(&m, &o, 9, ours), others = INFINITY;
    for (int k = 0; k < 3; k++)
      others = fmin(others, time_gsl(&m, &o, gsl));
    printf("fit%u %.6g\ngsl%u %.6g\ndifference%u %.3g\n", nu, seconds, nu,
           others, nu, difference(vr_dataset_orders_parameters(&o), ours, gsl));
    free(m.values);
  }
}

static double time_search(const struct data *m, const struct vr_search_grid *g,
                          size_t keep, int runs, size_t *ret_n) {
  double least = INFINITY;
  for (int k = 0; k < runs; k++) {
    struct vr_search_options o = {.keep = keep};
    struct vr_search_result r;
    struct vr_error error;
    double begin = cpu();
    if (vr_search(&m->d, NULL, g, &o, &r, &error) < 0)
      die(error.message);
    least = fmin(least, cpu() - begin);
    *ret_n = r.n_structures;
    vr_search_result_clear(&r);
  }
  return least;
}

/* As the loop over arx: estimates of all structures, no free run; then with. */
static void search(void) {
  static const struct vr_range to10 = {1, 10};
  const struct vr_search_grid grid = {to10, 1, &to10, &to10, false};
  struct data m;
  size_t n;
  make(&m, 10000, 1);
  printf("search %.6g\n", time_search(&m, &grid, 1, 9, &n));
  printf("search_rescored %.6g\n", time_search(&m, &grid, 50, 5, &n));
  printf("search_structures %zu\n", n);
}

static void seed(void) {
  static const struct vr_range nb = {1, 17}, nk = {1, 50};
  const struct vr_search_grid grid = {{1, 20}, 3, &nb, &nk, true};
  struct data m;
  size_t n;
  make(&m, N, 3);
  double seconds = time_search(&m, &grid, 50, 1, &n);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("seed %.6g\nseed_structures %zu\nseed_peak_mib %.1f\n", seconds, n,
         (double)usage.ru_maxrss / 1024);
}

static void samples(void) {
  static const unsigned nb[] = {17}, nk[] = {50};
  const struct vr_orders o = {20, 1, nb, nk};
  for (size_t n = 1000; n <= 1000000; n *= 2) {
    struct data m;
    make(&m, n, 1);
    printf("%zu %.6g\n", n, time_fit(&m, &o, n < 100000 ? 9 : 3, NULL));
    free(m.values);
  }
}

static void parameters(void) {
  struct data m;
  make(&m, N, 3);
  for (unsigned k = 2; k <= 128; k *= 2) {
    const unsigned nb[] = {k, k, k}, nk[] = {1, 1, 1};
    const struct vr_orders o = {k, 3, nb, nk};
    printf("%u %.6g\n", 4 * k, time_fit(&m, &o, k < 64 ? 5 : 2, NULL));
  }
}

static void structures(void) {
  struct data m;
  make(&m, 10000, 2);
  for (unsigned k = 1; k <= 16; k++) {
    const struct vr_range r[] = {{1, k}, {1, k}};
    const struct vr_search_grid grid = {{1, k}, 2, r, r, false};
    size_t n = vr_search_size(&grid);
    if (n > 6000000)
      break;
    printf("%zu %.6g\n", n, time_search(&m, &grid, 1, k < 8 ? 5 : 1, &n));
  }
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } runs[] = {{"fits", fits},
              {"search", search},
              {"seed", seed},
              {"samples", samples},
              {"parameters", parameters},
              {"structures", structures}};
  if (argc == 3 && strcmp(argv[1], "data") == 0) {
    struct data m;
    make(&m, N, 3);
    FILE *f = fopen(argv[2], "wb");
    if (!f || fwrite(m.values, sizeof(double), 4 * N, f) != 4 * N ||
        fclose(f) != 0)
      die("the data cannot be written");
    return 0;
  }
  for (size_t k = 0; argc == 2 && k < sizeof(runs) / sizeof(*runs); k++)
    if (strcmp(argv[1], runs[k].name) == 0) {
      runs[k].run();
      return 0;
    }
  die("usage: sysid-bench data FILE | fits | search | seed | samples | "
      "parameters | structures");
}
