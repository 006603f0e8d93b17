/* SPDX-License-Identifier: MIT */
#include "train/data/guest_clock.h"

#include "basic/cleanup.h"
#include "sysid/clock_offset.h"
#include "train/data/definitions.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { MAX_CLOCK_LAG = 10 };

/* Below this a pair of series does not show the same thing. */
#define MIN_CLOCK_CORRELATION 0.5

/* The sum of what counts for several counters' clocks, each weighted by what it
 * is sure of. */
struct clock_sum {
  double weights, offsets;
  vr_counter_set seen; /* a counter that is measured twice counts once */
};

/* Adds what U, the host's measurement of counter C, shows of the clock. */
static void add_clock(struct vr_guest_data *d, enum vr_counter c,
                      const double *u, struct clock_sum *s) {
  struct vr_clock_offset o;
  if (vr_estimate_clock_offset(d->grid.rows, u, d->y[c], MAX_CLOCK_LAG, &o,
                               NULL) < 0 ||
      o.correlation < MIN_CLOCK_CORRELATION)
    return;
  /* No pair is believed beyond a hundredth of a step. */
  double weight = 1 / (o.se * o.se + 1e-4);
  s->weights += weight;
  s->offsets += weight * -o.offset;
  s->seen |= VR_COUNTER_SET(c);
  d->clock.pairs++;
}

/* By what our own read plugin measures. */
static void clock_by_definitions(struct vr_guest_data *d, double *u,
                                 struct clock_sum *s) {
  const struct vr_direct *def;
  for (int c = 0; c < VR_COUNTERS; c++)
    for (size_t i = 0; (def = vr_definitions_of((enum vr_counter)c, i)); i++)
      if (d->y[c] && !vr_counter_in(s->seen, def->counter) &&
          def->provenance == VR_DIRECT &&
          vr_definitions_serve(def->accelerator, d->accelerator) &&
          vr_definitions_column(def, d->reader, d->host, d->guest, u) == 0)
        add_clock(d, def->counter, u, s);
}

/* The sum of all sources that measure counter C themselves: a guest may have
 * several disks and networks. How many there are. */
static size_t sum_of_sources(const struct vr_guest_data *d, enum vr_counter c,
                             double *part, double *ret) {
  size_t n = 0;
  memset(ret, 0, d->grid.rows * sizeof(*ret));
  for (size_t s = 0; s < vr_sources_count; s++) {
    vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
    if (!vr_counter_in(vr_sources[s].measures, c) ||
        vr_sources_input(&vr_sources[s], &in) < 0 ||
        vr_reader_input(d->reader, &in, d->host, d->guest, part) < 0)
      continue;
    for (size_t i = 0; i < d->grid.rows; i++)
      ret[i] += part[i];
    n++;
  }
  return n;
}

/* By the bytes that another plugin counted, where ours did not. */
static void clock_by_sources(struct vr_guest_data *d, double *part, double *u,
                             struct clock_sum *s) {
  static const enum vr_counter bytes[] = {VR_DISK_READ, VR_DISK_WRITE,
                                          VR_NET_TX, VR_NET_RX};
  for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
    if (d->y[bytes[i]] && !vr_counter_in(s->seen, bytes[i]) &&
        sum_of_sources(d, bytes[i], part, u) > 0)
      add_clock(d, bytes[i], u, s);
}

int vr_data_estimate_clock(struct vr_guest_data *d) {
  size_t rows = d->grid.rows;
  vr_auto_free double *u = calloc(2 * rows + 1, sizeof(*u));
  struct clock_sum s = {0};
  if (!u)
    return -ENOMEM;
  clock_by_definitions(d, u, &s);
  clock_by_sources(d, u + rows, u, &s);
  if (d->clock.pairs > 0) {
    d->clock.seconds = d->grid.step * s.offsets / s.weights;
    d->clock.standard_error = d->grid.step / sqrt(s.weights);
  }
  return 0;
}
