/* SPDX-License-Identifier: MIT */
#include "train/page/figure_time.h"

#include "basic/cleanup.h"
#include "model/interval.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Points across a figure, which has about as many pixels, and rows of the
 * stretch that is looked at closely. */
enum { POINTS = 440, CLOSE = 240 };

/* Rows, or bins of them, of what is drawn. */
enum column { TIME, LEAST, MEAN, MOST, MODEL, STEP, LOWER, UPPER, COLUMNS };
struct lines {
  size_t n;
  double *x[COLUMNS];
};

static int lines_new(struct lines *l, size_t n) {
  double *all = malloc((COLUMNS * n + 1) * sizeof(*all));
  if (!all)
    return -ENOMEM;
  l->n = n;
  for (size_t c = 0; c < COLUMNS; c++)
    l->x[c] = all + c * n;
  for (size_t i = 0; i < COLUMNS * n; i++)
    all[i] = NAN;
  return 0;
}

static void lines_clear(struct lines *l) { free(l->x[0]); }

/* The sum of the signals that show the regime, row by row; NAN: not known. */
static void regimes(const struct vr_guest_data *d, const struct vr_model *m,
                    double *ret) {
  struct vr_model_input plain = m->intervals.regime;
  plain.scale = 1;
  plain.per = VR_PER_ONE;
  plain.offset = 0;
  if (m->intervals.n_regimes < 2 || vr_data_guest_input(d, &plain, ret) < 0)
    for (size_t i = 0; i < d->grid.rows; i++)
      ret[i] = NAN;
}

/* All rows of T's data, as they are. */
static void fill_rows(const struct vr_guest_data *d, const struct vr_trained *t,
                      struct lines *l) {
  const struct vr_model *m = &t->model;
  const struct vr_guest_size size = {.vcpus = d->vcpus, .gib = d->gib};
  const double *y = d->y[m->counter];
  regimes(d, m, l->x[LOWER]);
  for (size_t i = 0; i < l->n; i++) {
    double run = t->free_run[i];
    struct vr_interval v = vr_model_interval(m, run, l->x[LOWER][i], &size);
    l->x[TIME][i] = d->grid.begin + (double)i * d->grid.step;
    l->x[LEAST][i] = l->x[MEAN][i] = l->x[MOST][i] = y[i];
    l->x[MODEL][i] = run;
    l->x[STEP][i] = t->one_step[i];
    l->x[LOWER][i] = v.lower;
    l->x[UPPER][i] = v.upper;
  }
}

static double mean_of(const double *x, size_t n) {
  double sum = 0;
  size_t known = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(x[i]))
      sum += x[i], known++;
  return known > 0 ? sum / (double)known : NAN;
}

/* fmin() and fmax() pass over what is not a number. */
static double extreme_of(const double *x, size_t n,
                         double (*of)(double, double)) {
  double e = NAN;
  for (size_t i = 0; i < n; i++)
    e = of(e, x[i]);
  return e;
}

/* ROWS in bins of K: bounds are the outermost, so that none is hidden. */
static int bin(const struct lines *rows, size_t k, struct lines *ret) {
  struct lines b;
  if (lines_new(&b, (rows->n + k - 1) / k) < 0)
    return -ENOMEM;
  for (size_t i = 0; i < b.n; i++) {
    size_t at = i * k, n = rows->n - at < k ? rows->n - at : k;
    b.x[TIME][i] = mean_of(rows->x[TIME] + at, n);
    b.x[MEAN][i] = mean_of(rows->x[MEAN] + at, n);
    b.x[MODEL][i] = mean_of(rows->x[MODEL] + at, n);
    b.x[LEAST][i] = extreme_of(rows->x[LEAST] + at, n, fmin);
    b.x[MOST][i] = extreme_of(rows->x[MOST] + at, n, fmax);
    b.x[LOWER][i] = extreme_of(rows->x[LOWER] + at, n, fmin);
    b.x[UPPER][i] = extreme_of(rows->x[UPPER] + at, n, fmax);
  }
  *ret = b;
  return 0;
}

static void put_columns(struct vr_figures *f, const char *name,
                        const struct lines *l, enum column a, enum column b) {
  const double *x[] = {l->x[TIME], l->x[a], l->x[b]};
  vr_figure_data(f, name, l->n, a == b ? 2 : 3, x);
}

static bool has(const struct lines *l, enum column c) {
  for (size_t i = 0; i < l->n; i++)
    if (isfinite(l->x[c][i]))
      return true;
  return false;
}

static void put_axes(struct vr_figures *f, const struct lines *l,
                     enum vr_counter c) {
  double seconds = l->x[TIME][l->n - 1] - l->x[TIME][0];
  const struct vr_counter_info *info = vr_counter_info(c);
  vr_figure_axis(f, 'x', "time", "UTC");
  vr_figure_axis(f, 'y', info->name, info->unit);
  fprintf(f->script, "set xtics time format '%s'\n",
          seconds > 2 * 86400 ? "%m-%d"
          : seconds > 1200    ? "%H:%M"
                              : "%H:%M:%S");
  fprintf(f->script, "set xrange [%.14g:%.14g]\n", l->x[TIME][0],
          l->x[TIME][l->n - 1]);
  if (seconds <= 3600 * 1.5)
    fprintf(f->script, "set xtics %g\n",
            seconds > 1800  ? 900.0
            : seconds > 600 ? 300.0
            : seconds > 180 ? 60.0
                            : 30.0);
}

static void put_lines(struct vr_figures *f, const struct lines *l,
                      enum vr_counter c, bool close, bool step) {
  bool interval = has(l, LOWER);
  put_columns(f, "interval", l, LOWER, UPPER);
  put_columns(f, "range", l, LEAST, MOST);
  put_columns(f, "measured", l, MEAN, MEAN);
  put_columns(f, "run", l, MODEL, MODEL);
  put_columns(f, "one", l, STEP, STEP);
  put_axes(f, l, c);
  fputs("plot ", f->script);
  if (!close)
    fputs("$range using 1:2:3 with filledcurves fc rgb range title "
          "'range', ",
          f->script);
  /* The style lets the range shine through the interval. */
  if (interval)
    fputs("$interval using 1:2:3 with filledcurves fc rgb band title "
          "'interval', $interval using 1:2 with lines lc rgb model lw 0.5 "
          "notitle, $interval using 1:3 with lines lc rgb model lw 0.5 "
          "notitle, ",
          f->script);
  fputs("$measured using 1:2 with lines lc rgb truth lw 1 title 'measured', "
        "$run using 1:2 with lines lc rgb model lw 2 title 'free run'",
        f->script);
  if (step)
    fputs(", $one using 1:2 with lines lc rgb step lw 2 dt 2 title "
          "'one step ahead'",
          f->script);
  fputc('\n', f->script);
}

/* Where the N rows begin in which Y varies most. */
static size_t liveliest(const double *y, size_t rows, size_t n) {
  size_t best = 0;
  double most = -1;
  for (size_t at = 0; at + n <= rows; at += n / 4 + 1) {
    double mean = mean_of(y + at, n), sum = 0;
    for (size_t i = at; i < at + n; i++)
      sum += isfinite(y[i]) ? (y[i] - mean) * (y[i] - mean) : 0;
    if (sum > most) {
      most = sum;
      best = at;
    }
  }
  return best;
}

static void put_close(struct vr_figures *f, const struct vr_guest_data *d,
                      const struct vr_trained *t, const struct lines *rows) {
  size_t n = rows->n < CLOSE ? rows->n : CLOSE;
  size_t at = liveliest(d->y[t->model.counter], rows->n, n);
  struct lines part = {.n = n};
  for (size_t c = 0; c < COLUMNS; c++)
    part.x[c] = rows->x[c] + at;
  /* Without past outputs in it, one step ahead is the free run. */
  bool step = t->model.arx.na > 0 && has(&part, STEP);
  vr_figure_add(f, (int)t->model.counter,
                "The %zu rows in which %s moves most, each as it is: measured, "
                "held-out free run%s%s.",
                n, vr_counter_info(t->model.counter)->name,
                t->model.intervals.level > 0 ? " with its interval" : "",
                step ? ", one-step prediction"
                     : " (the model has no past outputs in it: one step ahead "
                       "it is the same)");
  put_lines(f, &part, t->model.counter, true, step);
}

int vr_figure_time(struct vr_figures *f, const struct vr_guest_data *d,
                   const struct vr_trained *t) {
  enum vr_counter c = t->model.counter;
  vr_cleanup(lines_clear) struct lines rows = {0}, bins = {0};
  size_t k = (d->grid.rows + POINTS - 1) / POINTS;
  if (d->grid.rows < 2 || !t->free_run || !t->one_step)
    return 0;
  if (lines_new(&rows, d->grid.rows) < 0)
    return -ENOMEM;
  fill_rows(d, t, &rows);
  if (bin(&rows, k, &bins) < 0)
    return -ENOMEM;
  char interval[80] = "the model has no prediction interval";
  if (t->model.intervals.level > 0)
    snprintf(interval, sizeof(interval),
             "the interval (%g %%) reaches to its outermost bounds",
             100 * t->model.intervals.level);
  vr_figure_add(
      f, (int)c,
      "Measured and inferred (held-out free run) over the whole span. "
      "A point stands for %zu row%s of %g s: lines are means, %s.",
      k, k == 1 ? "" : "s", d->grid.step, interval);
  put_lines(f, &bins, c, false, false);
  put_close(f, d, t, &rows);
  return 0;
}
