/* SPDX-License-Identifier: MIT */
#include "train/data/guest_load.h"

#include "basic/cleanup.h"
#include "train/data/aligned.h"
#include "train/data/guest_clock.h"
#include "train/data/level_truths.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double last_known(const double *x, size_t rows) {
  for (size_t i = rows; x && i-- > 0;)
    if (isfinite(x[i]))
      return x[i];
  return NAN;
}

static void read_size(struct vr_guest_data *d) {
  struct {
    struct vr_signal_value signal;
    double value;
  } s[] = {{{VR_SIGNAL_CONFIGURED_ACCELERATOR, 0}, 0},
           {{VR_SIGNAL_CONFIGURED_VCPUS, 0}, 0},
           {{VR_SIGNAL_CONFIGURED_MEMORY, 0}, 0},
           {{VR_SIGNAL_STEAL_CLOCK, 0}, 0},
           {{VR_SIGNAL_NESTED, 0}, 0},
           {{VR_SIGNAL_IDLE_HIDDEN, 0}, 0}};
  for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
    char pattern[VR_SIGNAL_PATTERN_SIZE];
    vr_schema_signal_pattern(s[i].signal, pattern);
    s[i].value =
        last_known(vr_reader_signal(d->host_reader, pattern, d->host, d->guest),
                   vr_reader_timeline(d->host_reader)->rows);
  }
  int accelerator = isfinite(s[0].value) ? (int)lround(s[0].value) : 0;
  d->accelerator = accelerator >= VR_ACCEL_TCG && accelerator <= VR_ACCEL_OTHER
                       ? (enum vr_accelerator)accelerator
                       : VR_ACCEL_ANY;
  d->vcpus = s[1].value;
  d->gib = s[2].value * 0x1p-30;
  d->nested = s[4].value == 1;
  d->idle_hidden = s[5].value == 1;
  d->steal_clock =
      s[3].value == 0 ? VR_STEAL_CLOCK_NONE : VR_STEAL_CLOCK_PRESENT;
}

static int read_truth(struct vr_guest_data *d) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    vr_auto_free double *y = calloc(d->grid.rows, sizeof(*y));
    if (!y)
      return -ENOMEM;
    int r = vr_truth(d->reader, d->truth, d->vcpus, (enum vr_counter)c, y);
    if (r == -ENOMEM)
      return r;
    if (r == 0 && isfinite(last_known(y, d->grid.rows)))
      d->y[c] = vr_steal(&y);
  }
  return 0;
}

static bool varies(const double *x, size_t rows) {
  double first = NAN;
  for (size_t i = 0; i < rows; i++) {
    if (!isfinite(x[i]))
      continue;
    if (!isfinite(first))
      first = x[i];
    else if (x[i] != first)
      return true;
  }
  return false;
}

static int read_sources(struct vr_guest_data *d) {
  d->u = calloc(vr_sources_count, sizeof(*d->u));
  if (!d->u)
    return -ENOMEM;
  for (size_t i = 0; i < vr_sources_count; i++) {
    vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (!u || vr_sources_input(&vr_sources[i], &in) < 0)
      return -ENOMEM;
    int r = vr_data_guest_input(d, &in, u);
    if (r == -ENOMEM)
      return r;
    if (r == 0 && varies(u, d->grid.rows))
      d->u[i] = vr_steal(&u);
  }
  return 0;
}

/* Reads into D, whose names and grid are set; its host's on HOST_GRID. */
static int read_all(const struct vr_archive *archive,
                    const struct vr_timeline *host_grid,
                    struct vr_guest_data *d) {
  bool same = host_grid->begin == d->grid.begin &&
              host_grid->step == d->grid.step &&
              host_grid->rows == d->grid.rows;
  int r = vr_data_guest_new_readers(d, archive, same ? NULL : host_grid);
  if (r < 0)
    return r;
  read_size(d);
  r = d->truth ? read_truth(d) : 0;
  /* What the guest sent is in columns now. */
  if (r == 0 && d->truth && strcmp(d->truth, d->host) != 0)
    vr_reader_forget(d->reader, d->truth);
  if (r == 0)
    r = vr_data_estimate_clock(d);
  return r < 0 ? r : read_sources(d);
}

/* What will be read for the most part: all that the guest sent, and what its
 * host's plugin did. */
static void flush(const struct vr_archive *a, const struct vr_pair *pair) {
  size_t first, end = vr_archive_host_range(a, pair->where, &first);
  while (first < end && strcmp(a->files[first].plugin, pair->plugin) != 0)
    first++;
  size_t n = 0;
  while (first + n < end &&
         strcmp(a->files[first + n].plugin, pair->plugin) == 0)
    n++;
  vr_archive_flush(a->files + first, n);
  if (pair->truth) {
    end = vr_archive_host_range(a, pair->truth, &first);
    vr_archive_flush(a->files + first, end - first);
  }
}

int vr_data_guest_load(const struct vr_archive *archive,
                       const struct vr_pair *pair, const struct vr_span *span,
                       struct vr_guest_data *ret_data,
                       struct vr_error *ret_error) {
  struct vr_timeline grid, host_grid;
  bool divided = false;
  flush(archive, pair);
  int r = vr_span_find_grid(archive, pair, span, &grid, ret_error);
  if (r == 0)
    r = vr_span_find_host_grid(archive, pair, &grid, &host_grid, &divided,
                               ret_error);
  if (r < 0)
    return r;
  struct vr_guest_data d = {.host = strdup(pair->host),
                            .guest = strdup(pair->guest),
                            .truth = pair->truth ? strdup(pair->truth) : NULL,
                            .grid = grid,
                            .divided = divided};
  r = d.host && d.guest && (d.truth || !pair->truth)
          ? read_all(archive, &host_grid, &d)
          : -ENOMEM;
  if (r == 0)
    r = vr_level_truths_read(archive, pair, &d);
  if (r < 0) {
    vr_data_guest_clear(&d);
    return vr_error_set(ret_error, r, "guest %s: %s", pair->guest,
                        strerror(-r));
  }
  d.aligned = vr_aligned_new();
  *ret_data = d;
  return 0;
}
