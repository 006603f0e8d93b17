/* SPDX-License-Identifier: MIT */
#include "train/fit/fit_intervals.h"

#include "basic/cleanup.h"
#include "sysid/timeseries.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Blocks are to be exchangeable: several times as long as a counter remembers,
 * within these bounds. */
#define MEMORIES_PER_BLOCK 5.0
#define SHORTEST_BLOCK 60.0
#define LONGEST_BLOCK 450.0

/* Where the regimes meet, in seconds of run and wait per second and vCPU. */
static const double edges[VR_REGIMES - 1] = {0.2, 0.9};

/* Enough for an uncertainty that is only shown: so many draws, from so many
 * blocks of the whole time. Longer ones than are needed do no harm. */
enum { RESAMPLES = 200, MOST_BLOCKS = 200 };

void vr_fit_intervals_clear(struct vr_group *g) {
  free(g->e);
  free(g->regime);
  *g = (struct vr_group){0};
}

static size_t busy_source(void) {
  for (size_t s = 0; s < vr_sources_count; s++)
    if (strcmp(vr_sources[s].name, "busy") == 0)
      return s;
  return 0;
}

bool vr_fit_interval_knows_regimes(const struct vr_guest_data *d) {
  return d->u[busy_source()] != NULL;
}

static unsigned regime_of(double busy) {
  if (!isfinite(busy))
    return VR_LOADED;
  unsigned k = 0;
  while (k < VR_REGIMES - 1 && busy >= edges[k])
    k++;
  return k;
}

int vr_fit_intervals_new(const struct vr_guest_data *d, enum vr_counter c,
                         const double *predicted, double per, const bool *keep,
                         struct vr_group *ret_group) {
  size_t rows = d->grid.rows;
  struct vr_group g = {.e = malloc((rows + 1) * sizeof(*g.e)),
                       .regime = malloc((rows + 1) * sizeof(*g.regime))};
  if (!g.e || !g.regime) {
    vr_fit_intervals_clear(&g);
    return -ENOMEM;
  }
  const double *y = d->y[c], *busy = d->u[busy_source()];
  for (size_t i = 0; i < rows; i++) {
    g.e[i] = y && (!keep || keep[i]) ? (y[i] - predicted[i]) / per : NAN;
    g.regime[i] = regime_of(busy ? busy[i] : NAN);
  }
  g.view = (struct vr_residuals){rows, g.e, busy ? g.regime : NULL};
  *ret_group = g;
  return 0;
}

static size_t block_of_seconds(double seconds, double step) {
  return (size_t)fmax(1, fmin(seconds, LONGEST_BLOCK) / step);
}

size_t vr_fit_interval_block(const struct vr_guest_data *const *data, size_t n,
                             enum vr_counter c) {
  double seconds = SHORTEST_BLOCK;
  for (size_t g = 0; g < n; g++) {
    const struct vr_guest_data *d = data[g];
    double memory =
        d->y[c]
            ? vr_timeseries_memory_seconds(d->grid.rows, d->y[c], d->grid.step)
            : NAN;
    if (!isnan(memory))
      seconds = fmax(seconds, MEMORIES_PER_BLOCK * memory);
  }
  return block_of_seconds(seconds, data[0]->grid.step);
}

size_t vr_fit_interval_block_of(const struct vr_features *f, size_t c) {
  double memory = vr_features_memory(f, c), seconds = SHORTEST_BLOCK;
  if (!isnan(memory))
    seconds = fmax(seconds, MEMORIES_PER_BLOCK * memory);
  return block_of_seconds(seconds, f->step);
}

size_t vr_fit_interval_guest_block(size_t n, size_t block) {
  double enough = VR_INTERVAL_LEVEL / (1 - VR_INTERVAL_LEVEL);
  return (double)n >= enough - 1e-9 ? SIZE_MAX : block;
}

int vr_fit_interval_set(const struct vr_residuals *groups, size_t n,
                        bool with_regimes, size_t block,
                        const struct vr_coverage *coverage,
                        struct vr_model *m) {
  struct vr_model_intervals v = {.level = VR_INTERVAL_LEVEL,
                                 .n_regimes = with_regimes ? VR_REGIMES : 1,
                                 .coverage = NAN,
                                 .coverage_lower = NAN,
                                 .coverage_upper = NAN};
  int r = vr_conformal_widths(groups, n, with_regimes ? VR_REGIMES : 0, block,
                              v.level, v.half_width, NULL);
  bool any = false;
  for (unsigned k = 0; r == 0 && k < v.n_regimes; k++)
    any = any || isfinite(v.half_width[k]);
  if (!any)
    return r == -ENOMEM ? r : 0;
  memcpy(v.edges, edges, sizeof(edges));
  if (with_regimes &&
      vr_sources_input(&vr_sources[busy_source()], &v.regime) < 0)
    return -ENOMEM;
  if (coverage) {
    v.coverage = coverage->coverage;
    v.coverage_lower = coverage->lower;
    v.coverage_upper = coverage->upper;
  }
  vr_data_input_clear(&m->intervals.regime);
  m->intervals = v;
  return 0;
}

/* --- one guest --- */

/* The residuals of each fold as a group of its own. */
static int groups_of_folds(const struct vr_features *f, size_t c,
                           const double *predicted, double per,
                           struct vr_group *groups) {
  vr_auto_free bool *keep = calloc(f->rows + 1, sizeof(*keep));
  if (!keep)
    return -ENOMEM;
  for (unsigned k = 0; k < f->n_folds; k++) {
    for (size_t i = 0; i < f->rows; i++)
      keep[i] = f->used[i] && f->fold[i] == k;
    int r = vr_fit_intervals_new(f->recordings[0].data, f->counters[c],
                                 predicted, per, keep, &groups[k]);
    if (r < 0)
      return r;
  }
  return 0;
}

static int set_of_folds(const struct vr_features *f, size_t c,
                        const struct vr_group *groups, struct vr_model *m) {
  const struct vr_guest_data *d = f->recordings[0].data;
  struct vr_residuals folds[VR_FOLDS], pairs[VR_FOLDS * VR_FOLDS];
  unsigned n = f->n_folds;
  for (unsigned g = 0; g < n; g++) {
    folds[g] = groups[g].view;
    for (unsigned h = 0; h < n; h++)
      pairs[g * n + h] = groups[h].view;
  }
  bool with_regimes = vr_fit_interval_knows_regimes(d);
  size_t block = vr_fit_interval_block_of(f, c);
  size_t longer = d->grid.rows / MOST_BLOCKS;
  if (longer < block)
    longer = block;
  const struct vr_coverage_design design = {.n_groups = n,
                                            .test = folds,
                                            .calibration = pairs,
                                            .n_regimes =
                                                with_regimes ? VR_REGIMES : 0,
                                            .calibration_block = longer,
                                            .block = longer,
                                            .level = VR_INTERVAL_LEVEL};
  struct vr_coverage coverage;
  int r = vr_coverage_measure(&design, RESAMPLES, &coverage, NULL, NULL);
  if (r == -ENOMEM)
    return r;
  return vr_fit_interval_set(folds, n, with_regimes, block,
                             r == 0 ? &coverage : NULL, m);
}

int vr_fit_interval_of_guest(const struct vr_features *f, size_t c,
                             const double *predicted, struct vr_model *m) {
  struct vr_group groups[VR_FOLDS] = {0};
  double vcpus = f->recordings[0].data->vcpus;
  if (f->rehearsal)
    return 0;
  int r = groups_of_folds(f, c, predicted,
                          m->output.per == VR_PER_VCPU ? vcpus : 1, groups);
  if (r == 0)
    r = set_of_folds(f, c, groups, m);
  for (unsigned k = 0; k < VR_FOLDS; k++)
    vr_fit_intervals_clear(&groups[k]);
  return r;
}
