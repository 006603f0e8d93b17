/* SPDX-License-Identifier: MIT */
#include "archive/archive.h"

#include "archive/rrd.h"
#include "archive/sampled.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void vr_history_clear(struct vr_history *h) {
  for (size_t d = 0; d < h->n_ds; d++)
    free(h->ds[d]);
  free(h->ds);
  free(h->values);
  *h = (struct vr_history){0};
}

double *vr_history_column(const struct vr_history *h, const char *ds) {
  for (size_t d = 0; d < h->n_ds; d++)
    if (strcmp(h->ds[d], ds) == 0)
      return h->values + d * h->rows;
  return NULL;
}

/* Is A a better archive than B for a span that starts at BEGIN? */
static int better(const struct vr_extent *a, const struct vr_extent *b,
                  double begin) {
  /* A row that ends at BEGIN + STEP is the first that the span needs. */
  int a_covers = a->begin - a->step <= begin || isinf(begin);
  int b_covers = b->begin - b->step <= begin || isinf(begin);
  if (a_covers != b_covers)
    return a_covers;
  if (a_covers || a->begin == b->begin)
    return a->step < b->step;
  return a->begin < b->begin;
}

int vr_archive_extent(const struct vr_archive_file *file, double begin,
                      struct vr_extent *ret_extent,
                      struct vr_error *ret_error) {
  if (file->kind != VR_ARCHIVE_RRD)
    return vr_sampled_extent(file, ret_extent, ret_error);
  vr_cleanup(vr_rrd_info_clear) struct vr_rrd_info info = {0};
  int r = vr_rrd_info(file->paths[0], &info, ret_error);
  if (r < 0)
    return r;
  const struct vr_extent *best = &info.archives[0];
  for (size_t i = 1; i < info.n_archives; i++)
    if (better(&info.archives[i], best, begin))
      best = &info.archives[i];
  *ret_extent = *best;
  return 0;
}

int vr_archive_extents(const struct vr_archive_file *file,
                       struct vr_extent **ret_extents,
                       struct vr_error *ret_error) {
  vr_cleanup(vr_rrd_info_clear) struct vr_rrd_info info = {0};
  if (file->kind != VR_ARCHIVE_RRD) {
    info.archives = calloc(1, sizeof(*info.archives));
    info.n_archives = 1;
    if (!info.archives)
      return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  }
  int r = file->kind != VR_ARCHIVE_RRD
              ? vr_sampled_extent(file, info.archives, ret_error)
              : vr_rrd_info(file->paths[0], &info, ret_error);
  if (r < 0)
    return r;
  *ret_extents = vr_steal(&info.archives);
  return (int)info.n_archives;
}

/* The archive to read a grid from: of those whose step divides the grid's, the
 * one that covers most of its rows, then the coarsest (the least work). */
static const struct vr_extent *archive_for(const struct vr_rrd_info *info,
                                           const struct vr_timeline *grid) {
  const struct vr_extent *best = NULL;
  double best_rows = -1;
  double last = grid->begin + ((double)grid->rows - 1) * grid->step;
  for (size_t i = 0; i < info->n_archives; i++) {
    const struct vr_extent *c = &info->archives[i];
    double ratio = grid->step / c->step;
    if (ratio < 1 || fabs(ratio - round(ratio)) > 1e-9)
      continue;
    double from = fmax(c->begin - c->step, grid->begin - grid->step);
    double rows = fmax(0, (fmin(c->end, last) - from) / grid->step);
    if (rows > best_rows + 0.5 ||
        (rows > best_rows - 0.5 && best && c->step > best->step)) {
      best = c;
      best_rows = rows;
    }
  }
  return best;
}

/* Averages fine rows into the rows of GRID. FROM has its columns side by side,
 * as librrd gives them; FROM_BEGIN is the time of its first row. */
static void average(const struct vr_rrd_rows *from,
                    const struct vr_timeline *grid, size_t ds, double *to) {
  long ratio = lround(grid->step / from->step);
  long shift = lround((grid->begin - grid->step + from->step - from->begin) /
                      from->step);
  for (size_t i = 0; i < grid->rows; i++) {
    double sum = 0;
    long known = 0;
    for (long k = 0; k < ratio; k++) {
      long row = shift + (long)i * ratio + k;
      if (row < 0 || row >= (long)from->rows)
        continue;
      double value = from->values[(size_t)row * from->n_ds + ds];
      if (!isfinite(value))
        continue;
      sum += value;
      known++;
    }
    to[i] = 2 * known >= ratio ? sum / (double)known : NAN;
  }
}

int vr_archive_fetch(const struct vr_archive_file *file,
                     const struct vr_timeline *grid,
                     struct vr_history *ret_history,
                     struct vr_error *ret_error) {
  if (file->kind != VR_ARCHIVE_RRD)
    return vr_sampled_fetch(file, grid, ret_history, ret_error);
  vr_cleanup(vr_rrd_info_clear) struct vr_rrd_info info = {0};
  int r = vr_rrd_info(file->paths[0], &info, ret_error);
  if (r < 0)
    return r;
  const struct vr_extent *archive = archive_for(&info, grid);
  if (!archive)
    return vr_error_set(ret_error, -ERANGE,
                        "%s: no AVERAGE archive whose step divides %g s",
                        file->paths[0], grid->step);
  double end = grid->begin + ((double)grid->rows - 1) * grid->step;
  vr_cleanup(vr_rrd_rows_clear) struct vr_rrd_rows rows = {0};
  r = vr_rrd_fetch(file->paths[0], archive, grid->begin - grid->step, end,
                   &rows, ret_error);
  if (r < 0)
    return r;

  double *values = calloc(rows.n_ds * grid->rows + 1, sizeof(*values));
  if (!values)
    return vr_error_set(ret_error, -ENOMEM, "%s: %s", file->paths[0],
                        strerror(ENOMEM));
  for (size_t d = 0; d < rows.n_ds; d++)
    average(&rows, grid, d, values + d * grid->rows);
  *ret_history = (struct vr_history){.n_ds = rows.n_ds,
                                     .rows = grid->rows,
                                     .ds = vr_steal(&rows.ds),
                                     .values = values};
  return 0;
}
