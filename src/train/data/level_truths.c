/* SPDX-License-Identifier: MIT */
#include "train/data/level_truths.h"

#include "basic/cleanup.h"
#include "model/load_filter.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Twice as often as the kernel looks at its run queues. Seconds. */
#define LONGEST_STEP_OF_QUEUE 2.5

/* Samples that are finer than the grid: PARTS for each of its rows. */
struct samples {
  double step;
  size_t parts;
  double *x;
};

static void samples_clear(struct samples *s) { free(s->x); }

/* Do rows of E make up those of GRID, and reach over all of them? */
static bool reaches(const struct vr_extent *e, const struct vr_timeline *grid) {
  double ratio = grid->step / e->step;
  double last = grid->begin + ((double)grid->rows - 1) * grid->step;
  return fabs(ratio - round(ratio)) < 1e-9 &&
         e->begin <= grid->begin - grid->step + 2 * e->step &&
         e->end >= last - e->step;
}

/* The finest step of FILE (NULL: none) that makes up the grid's rows; 0 where
 * there is none. */
static double finest_step(const struct vr_archive_file *file,
                          const struct vr_timeline *grid) {
  vr_auto_free struct vr_extent *all = NULL;
  struct vr_error error;
  double step = 0;
  int n = file ? vr_archive_extents(file, &all, &error) : 0;
  for (int i = 0; i < n; i++)
    if (all[i].step <= grid->step && (step == 0 || all[i].step < step) &&
        reaches(&all[i], grid))
      step = all[i].step;
  return step;
}

/* The samples of C that TRUTH has at STEP; without x where there are none. */
static int read_samples(const struct vr_archive *archive,
                        const struct vr_guest_data *d, const char *truth,
                        double step, enum vr_counter c, struct samples *ret) {
  struct samples s = {.step = step,
                      .parts = (size_t)lround(d->grid.step / step)};
  const struct vr_timeline fine = {.begin = d->grid.begin - d->grid.step + step,
                                   .step = step,
                                   .rows = d->grid.rows * s.parts};
  vr_cleanup(vr_reader_freep) struct vr_reader *reader =
      vr_reader_new(archive, &fine);
  vr_auto_free double *x = calloc(fine.rows + 1, sizeof(*x));
  if (!reader || !x)
    return -ENOMEM;
  int r = vr_truth(reader, truth, d->vcpus, c, x);
  if (r == 0)
    s.x = vr_steal(&x);
  *ret = s;
  return r == -ENOMEM ? r : 0;
}

/* The finest step of what was recorded under TRUTH of tasks' states, or, of
 * OWN_PLUGIN "load", of load. */
static double step_of(const struct vr_archive *archive, const char *truth,
                      const char *own_plugin, const struct vr_timeline *grid) {
  char host[256];
  const char *plugin;
  if (vr_truth_split(truth, host, sizeof(host), &plugin) < 0)
    return 0;
  bool is_load = strcmp(own_plugin, "load") == 0;
  return finest_step(vr_archive_find(archive, host,
                                     plugin ? plugin : own_plugin,
                                     is_load ? "load" : "ps_state-running"),
                     grid);
}

/* The mean and the last of each row of S, where at least half of it is known.
 */
static void take_rows(const struct samples *s, size_t rows, double *mean,
                      double *last) {
  for (size_t i = 0; i < rows; i++) {
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < s->parts; k++) {
      double x = s->x[i * s->parts + k];
      if (!isfinite(x))
        continue;
      sum += x;
      n++;
    }
    mean[i] = 2 * n >= s->parts ? sum / (double)n : NAN;
    last[i] = s->x[(i + 1) * s->parts - 1];
  }
}

/* Gives D both truths of C: EXPECTED becomes its own, and SNAPSHOT, or else
 * what D has of C, the other. */
static int give(struct vr_guest_data *d, enum vr_counter c, double **expected,
                double **snapshot) {
  size_t size = d->grid.rows * sizeof(double);
  double *samples = snapshot ? vr_steal(snapshot) : malloc(size + 1);
  if (!samples)
    return -ENOMEM;
  if (!snapshot)
    memcpy(samples, d->y[c], size);
  d->snapshot[c] = samples;
  d->expected[c] = vr_steal(expected);
  return 0;
}

static int read_processes(const struct vr_archive *archive,
                          const char *introspected, struct vr_guest_data *d) {
  vr_cleanup(samples_clear) struct samples s = {0};
  vr_auto_free double *mean = NULL, *last = NULL;
  double step = step_of(archive, d->truth, "processes", &d->grid);
  bool own = step > 0 && step < d->grid.step;
  if (!own)
    step = introspected ? step_of(archive, introspected, "processes", &d->grid)
                        : 0;
  if (!(step > 0) || step == d->grid.step || !d->y[VR_PROCESSES])
    return 0;
  int r = read_samples(archive, d, own ? d->truth : introspected, step,
                       VR_PROCESSES, &s);
  if (r < 0 || !s.x)
    return r;
  mean = calloc(d->grid.rows + 1, sizeof(*mean));
  last = calloc(d->grid.rows + 1, sizeof(*last));
  if (!mean || !last)
    return -ENOMEM;
  take_rows(&s, d->grid.rows, mean, last);
  return give(d, VR_PROCESSES, &mean, own ? &last : NULL);
}

/* The kernel's filter over the queue S of D, from what its load was first, at
 * each row's end, or over the row where D has its load AVERAGED over it. A
 * queue that is not known is the last one. */
static void filter(const struct samples *s, const struct vr_guest_data *d,
                   bool averaged, double *ret) {
  double decay = vr_load_filter_decay(VR_LOAD_1MIN, s->step);
  const double *y = d->y[VR_LOAD];
  double load = NAN, queue = NAN;
  for (size_t i = 0; i < d->grid.rows; i++) {
    size_t known = 0;
    double sum = 0;
    load = isfinite(load) ? load : y[i];
    for (size_t k = 0; k < s->parts; k++) {
      double n = s->x[i * s->parts + k];
      known += isfinite(n) != 0;
      queue = isfinite(n) ? n : queue;
      load = isfinite(queue) ? decay * load + (1 - decay) * queue : load;
      sum += load;
    }
    ret[i] = 2 * known < s->parts ? NAN
             : averaged           ? sum / (double)s->parts
                                  : load;
  }
}

static int read_load(const struct vr_archive *archive, const char *introspected,
                     struct vr_guest_data *d) {
  vr_cleanup(samples_clear) struct samples run = {0}, blocked = {0};
  vr_auto_free double *expected = calloc(d->grid.rows + 1, sizeof(*expected));
  double step =
      introspected ? step_of(archive, introspected, "processes", &d->grid) : 0;
  if (!expected)
    return -ENOMEM;
  if (!d->y[VR_LOAD] || !(step > 0) || step > LONGEST_STEP_OF_QUEUE)
    return 0;
  int r = read_samples(archive, d, introspected, step, VR_RUNNING, &run);
  if (r == 0 && run.x)
    r = read_samples(archive, d, introspected, step, VR_BLOCKED, &blocked);
  if (r < 0 || !run.x || !blocked.x)
    return r;
  for (size_t i = 0; i < d->grid.rows * run.parts; i++)
    run.x[i] += blocked.x[i];
  double own = step_of(archive, d->truth, "load", &d->grid);
  filter(&run, d, own > 0 && own < d->grid.step, expected);
  return give(d, VR_LOAD, &expected, NULL);
}

int vr_level_truths_read(const struct vr_archive *archive,
                         const struct vr_pair *pair, struct vr_guest_data *d) {
  vr_auto_free char *introspected = NULL;
  if (!d->truth)
    return 0;
  int r = vr_pairs_introspected(pair, archive, &introspected);
  if (r < 0 && r != -ENOENT)
    return r;
  r = read_processes(archive, introspected, d);
  return r < 0 ? r : read_load(archive, introspected, d);
}
